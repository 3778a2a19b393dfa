package binarynet_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/binarynet"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// A layer that asks whether most of three signs are +1, in bits.
func ExamplePack() {
	l := binarynet.NewLinear[float32](3, 1, binarynet.Sign, rand.New(rand.NewPCG(1, 1)))
	l.Scale = 1
	l.Probability.Value.Fill(0.9)
	packed, err := binarynet.Pack(nn.Sequential[float32]{binarynet.Threshold[float32]{Window: 1}, l})
	if err != nil {
		fmt.Println(err)
		return
	}
	y, err := packed.Logits(tensor.From([]float32{2, 0.5, -1, -3, -0.1, 7}, 2, 3))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(y.Data)
	fmt.Println("decided:", binarynet.Decided[float32](l, 0.8))
	// Output:
	// [1 -1]
	// decided: 1
}
