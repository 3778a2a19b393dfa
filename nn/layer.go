package nn

import (
	"math/rand/v2"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// Layer maps a batch to a batch.
type Layer[F tensor.Float] interface {
	// Forward computes the layer's output for x [batch, …] and records it on
	// the pass's tape. It panics with a [*tensor.ShapeError] if x does not fit.
	Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F]

	// OutputShape returns the shape of one output example for one input
	// example (both without the batch dimension), or an error that says why
	// the layer cannot take such an input. It computes nothing.
	OutputShape(input []int) ([]int, error)
}

// Pass is one use of a model: the tape it is recorded on, and whether it
// trains. Make it once and reuse it from step to step.
type Pass[F tensor.Float] struct {
	Tape *autodiff.Tape[F]

	// Train asks for the parameters' gradients and for the training behaviour
	// of Dropout and BatchNorm. Where it is false parameters are constants: an
	// attack differentiates in the input at no cost for the weights.
	Train bool

	// Rand is the source of Dropout's masks. It may be nil where Train is
	// false.
	Rand *rand.Rand
}

// Use puts a parameter on the pass's tape: with its gradient if the pass
// trains and the parameter is not frozen, else as a constant.
func (p *Pass[F]) Use(param *Param[F]) *autodiff.Var[F] {
	if param == nil {
		return nil
	}
	if !p.Train || param.Frozen {
		return p.Tape.Constant(param.Value)
	}
	if param.Grad == nil {
		param.Grad = tensor.New[F](param.Value.Shape...)
	}
	return p.Tape.Leaf(param.Value, param.Grad)
}
