package modelfile

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Predictor puts a model to use. It keeps the memory that one batch needs, so
// that predicting allocates nothing once the largest batch has been seen. It
// reads the model's weights where they are: they may change between calls, but
// not during one. A Predictor serves one goroutine; any number of them may
// share a model.
type Predictor struct {
	model  *Model
	pass   nn.Pass[float32]
	x      tensor.Tensor[float32] // the batch, preprocessed
	output tensor.Tensor[float32]
}

// NewPredictor returns a predictor, or an error if the model is not valid.
func (m *Model) NewPredictor() (*Predictor, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return &Predictor{model: m, pass: nn.Pass[float32]{Tape: autodiff.NewTape[float32]()}}, nil
}

// Logits returns what the network makes of a batch x [batch, …Input] of raw
// examples, which it leaves as they are: [batch, classes] for a classifier.
// The result is valid until the predictor's next call. An x of another shape
// is an error.
func (p *Predictor) Logits(x *tensor.Tensor[float32]) (*tensor.Tensor[float32], error) {
	if len(x.Shape) == 0 || !slices.Equal(x.Shape[1:], p.model.Input) {
		return nil, fmt.Errorf("model: a batch of shape %v: want [batch] and then %v", x.Shape, p.model.Input)
	}
	input := x
	if len(p.model.Preprocess.Mean) > 0 {
		p.x.Shape, p.x.Data = append(p.x.Shape[:0], x.Shape...), slices.Grow(p.x.Data[:0], len(x.Data))[:len(x.Data)]
		p.model.Preprocess.applyTo(p.x.Data, x)
		input = &p.x
	}
	p.pass.Tape.Reset()
	return p.model.Net.Forward(&p.pass, p.pass.Tape.Constant(input)).Value, nil
}

// Probabilities returns softmax(Logits(x)), [batch, classes]. It is an error
// for a model without classes.
func (p *Predictor) Probabilities(x *tensor.Tensor[float32]) (*tensor.Tensor[float32], error) {
	if len(p.model.Classes) == 0 {
		return nil, errors.New("model: no classes: its outputs are no logits")
	}
	logits, err := p.Logits(x)
	if err != nil {
		return nil, err
	}
	p.output.Shape = append(p.output.Shape[:0], logits.Shape...)
	p.output.Data = slices.Grow(p.output.Data[:0], len(logits.Data))[:len(logits.Data)]
	tensor.Softmax(&p.output, logits)
	return &p.output, nil
}
