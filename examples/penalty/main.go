// Command penalty defines a penalty of its own, the distance of each weight
// from −1, 0 or 1, and trains with its exact step: weights end there exactly.
package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
)

// ternary is R = Lambda·Σ|x_i − q_i| for the nearest q_i of −1, 0 and 1.
type ternary struct{ Lambda float64 }

func (ternary) Validate() error { return nil }
func (ternary) Piece([]int) int { return 0 } // each weight on its own
func (p ternary) Value(x []float64) (sum float64) {
	for _, v := range x {
		sum += p.Lambda * math.Abs(v-nearest(v))
	}
	return sum
}

// Prox moves each weight toward its nearest by step·Lambda, and no further.
func (p ternary) Prox(z, a []float64, step float64) float64 {
	for i, v := range a {
		z[i] = nearest(v)
		if left := math.Abs(v-z[i]) - step*p.Lambda; left > 0 {
			z[i] += math.Copysign(left, v-z[i])
		}
	}
	return p.Value(z)
}

func nearest(v float64) float64 { return max(-1, min(1, math.Round(v))) + 0 } // 0, not −0

func main() {
	rng := rand.New(rand.NewPCG(1, 1))
	x, y := tensor.New[float64](200, 5), tensor.New[float64](200, 1)
	tensor.Normal(x, rng, 0, 1)
	for i := range 200 {
		y.Data[i] = x.Row(i)[0] - x.Row(i)[2] + x.Row(i)[3] + 0.3*rng.NormFloat64()
	}
	model := nn.NewLinear[float64](5, 1, rng)
	step := optim.MomentumStep[float64](0.01)
	step.Penalty = ternary{Lambda: 0.2}
	opt, err := optim.New(nn.Params[float64](model), step)
	for pass, i := (&nn.Pass[float64]{Tape: autodiff.NewTape[float64](), Train: true}), 0; i < 200 && err == nil; i++ {
		pass.Tape.Reset()
		pass.Tape.Backward(losses.MSE(model.Forward(pass, pass.Tape.Constant(x)), y, losses.MeanReduction))
		err = opt.Step()
	}
	fmt.Println("weights:", model.Weight.Value.Data, "bias:", model.Bias.Value.Data, "error:", err)
}
