// Command layer defines a layer with a pullback of its own, y = sin(ωx) with
// a trained ω, holds its gradient against differences, and trains it.
package main

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
)

type variable = *autodiff.Var[float64]
type sine struct{ Omega *nn.Param[float64] }

func (sine) OutputShape(input []int) ([]int, error) { return input, nil }
func (l sine) Forward(p *nn.Pass[float64], x variable) variable {
	w := p.Use(l.Omega)
	y := p.Tape.Output(x.Shape(), x, w)
	for i, v := range x.Value.Data {
		y.Value.Data[i] = math.Sin(w.Value.Data[0] * v)
	}
	return autodiff.Record(y, sineOp{x, w, y})
}

type sineOp struct{ x, w, y variable }

// Pull: dx += dy·ω·cos(ωx), dω += Σ dy·x·cos(ωx). Nil is what nobody wants.
func (op *sineOp) Pull() {
	dx, dw, w := op.x.Accumulate(), op.w.Accumulate(), op.w.Value.Data[0]
	for i, v := range op.x.Value.Data {
		slope := op.y.Grad.Data[i] * math.Cos(w*v)
		if dx != nil {
			dx[i] += slope * w
		}
		if dw != nil {
			dw[0] += slope * v
		}
	}
}

func main() {
	x, y := tensor.From([]float64{0.2, 0.5, 0.8}, 3, 1), tensor.From([]float64{0.565, 0.997, 0.675}, 3, 1) // sin 3x
	layer := sine{&nn.Param[float64]{Value: tensor.From([]float64{2}, 1)}}
	loss := func(t *autodiff.Tape[float64], in []variable) variable {
		return losses.MSE(layer.Forward(&nn.Pass[float64]{Tape: t, Train: true}, in[0]), y, losses.MeanReduction)
	}
	fmt.Println("wrong in the gradient:", autodiff.Check(loss, x, layer.Omega.Value).Err())
	opt, err := optim.New(nn.Params[float64](layer), optim.SGDStep[float64](0.5))
	for tape, i := autodiff.NewTape[float64](), 0; i < 100 && err == nil; i++ {
		tape.Reset()
		tape.Backward(loss(tape, []variable{tape.Constant(x)}))
		err = opt.Step()
	}
	fmt.Printf("learned ω = %.2f of sin(3x), error: %v\n", layer.Omega.Value.Data[0], err)
}
