package optim_test

import (
	"fmt"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

// The lasso ‖x − (3, 0.5)‖²/2 + ‖x‖₁ by clipped, averaged gradients and exact
// proximal steps: the second coordinate becomes exactly 0.
func Example() {
	x := &nn.Param[float32]{Value: tensor.New[float32](2), Grad: tensor.New[float32](2)}
	opt, err := optim.New(nn.Params[float32]([]*nn.Param[float32]{x}), optim.Step[float32]{
		Estimator: optim.Chain[float32](optim.ClipNorm[float32]{Max: 10}, optim.EMA[float32]{Q: 0.5}),
		Penalty:   prox.L1[float32]{Lambda: 1},
		Geometry:  prox.Euclidean[float32]{},
		Rate:      optim.Cosine{From: 0.5, Steps: 100},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 100 {
		x.Grad.Data[0], x.Grad.Data[1] = x.Value.Data[0]-3, x.Value.Data[1]-0.5
		if err := opt.Step(); err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Printf("%.3f\n", x.Value.Data)
	// Output: [2.000 0.000]
}

// A choice of parts that has no exact step is refused when it is made.
func ExampleNew() {
	step := optim.AdamStep[float32](1e-3)
	step.Penalty = prox.Norm[float32]{Rho: prox.Log{Lambda: 1, Scale: 1}}
	_, err := optim.New(nn.Params[float32](nn.NewParam[float32](3)), step)
	fmt.Println(err)
	// Output: optim: prox: no closed form for prox.Norm[float32] with prox.Diagonal[float32]
}

// No decay on biases: they follow plain Adam.
func ExampleGroup() {
	type layer struct{ Weight, Bias *nn.Param[float32] }
	model := []*layer{{nn.NewParam[float32](2, 3), nn.NewParam[float32](2)}}
	opt, err := optim.New(nn.Params[float32](model), optim.AdamWStep[float32](1e-3, 0.01),
		optim.Group[float32]{Match: "*.bias", Step: optim.AdamStep[float32](1e-3)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for name, slot := range opt.State() {
		fmt.Println(name, len(slot))
	}
	// Output:
	// 0.weight/mean 6
	// 0.weight/second_moment 6
	// 0.bias/mean 2
	// 0.bias/second_moment 2
}
