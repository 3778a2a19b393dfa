package attack

import (
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Linearisation is the first-order Taylor polynomial of log-probabilities in
// the input: f(x̃) ≈ LogProb + ⟨Gradient, x̃ − x⟩ for each image.
type Linearisation[F tensor.Float] struct {
	LogProb  []float64         // log p(label | x), [batch]
	Gradient *tensor.Tensor[F] // in x, of x's shape
}

// Linearise returns the linearisation of the log-probability of each label at
// x [batch, …]. The weights get no gradients. It returns an error if the model
// does not fit x, or there is not one label in range for each image.
func Linearise[F tensor.Float](model nn.Layer[F], x *tensor.Tensor[F], labels []int) (*Linearisation[F], error) {
	g := newGradients(model)
	if err := g.check(x, labels); err != nil {
		return nil, err
	}
	g.at(x, labels, LogProbability)
	l := &Linearisation[F]{LogProb: append([]float64(nil), g.value...), Gradient: g.x.Grad.Clone()}
	for i, factor := range g.factor {
		gradient := l.Gradient.Row(i)
		for j, v := range gradient {
			gradient[j] = F(factor * float64(v))
		}
	}
	return l, nil
}

// gradients differentiates an objective in the model's input.
type gradients[F tensor.Float] struct {
	model     nn.Layer[F]
	pass      nn.Pass[F]
	cotangent []F
	odds      []float64 // [classes], of one image

	input   []int // the shape of the last images checked, and the classes
	classes int

	// Of the last call of at or values:
	x, logits     *autodiff.Var[F]
	value, factor []float64 // of the objective, and of its gradient, [batch]
}

func newGradients[F tensor.Float](model nn.Layer[F]) *gradients[F] {
	return &gradients[F]{model: model, pass: nn.Pass[F]{Tape: autodiff.NewTape[F]()}}
}

// check returns an error if model, inputs and labels do not fit together.
func (g *gradients[F]) check(x *tensor.Tensor[F], labels []int) error {
	if len(x.Shape) < 2 || len(labels) != x.Shape[0] {
		return domain.Errorf(domain.ShapeMismatch, "inputs of shape %v and %d labels: want [batch …] and one label for each", x.Shape, len(labels))
	}
	if !slices.Equal(g.input, x.Shape[1:]) {
		output, err := g.model.OutputShape(x.Shape[1:])
		if err != nil {
			return fmt.Errorf("attack: %w", err)
		}
		if len(output) != 1 || output[0] < 1 {
			return domain.Errorf(domain.ShapeMismatch, "the model gives outputs of shape %v: want [classes]", output)
		}
		g.input, g.classes = slices.Clone(x.Shape[1:]), output[0]
	}
	for i, y := range labels {
		if y < 0 || y >= g.classes {
			return invalid("label %d is %d: want one in [0, %d)", i, y, g.classes)
		}
	}
	return nil
}

// at computes the objective of each image and its gradient in x, the latter
// divided by the factors.
func (g *gradients[F]) at(x *tensor.Tensor[F], labels []int, o Objective) {
	g.pass.Tape.Reset()
	g.x = g.pass.Tape.Variable(x)
	g.forward(labels, o)
	g.pass.Tape.BackwardFrom(g.logits, g.cotangent)
}

// values is at without the gradient.
func (g *gradients[F]) values(x *tensor.Tensor[F], labels []int, o Objective) {
	g.pass.Tape.Reset()
	g.x = g.pass.Tape.Constant(x)
	g.forward(labels, o)
}

func (g *gradients[F]) forward(labels []int, o Objective) {
	g.logits = g.model.Forward(&g.pass, g.x)
	n, classes := len(labels), g.logits.Shape()[1]
	if cap(g.value) < n {
		g.value, g.factor = make([]float64, n), make([]float64, n)
	}
	if cap(g.cotangent) < n*classes {
		g.cotangent = make([]F, n*classes)
	}
	g.odds = room(g.odds, classes)
	g.value, g.factor, g.cotangent = g.value[:n], g.factor[:n], g.cotangent[:n*classes]
	for i, y := range labels {
		g.value[i], g.factor[i] = row(o, g.cotangent[i*classes:(i+1)*classes], g.logits.Value.Row(i), y, g.odds)
	}
}
