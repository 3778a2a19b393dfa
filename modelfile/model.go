package modelfile

import (
	"errors"
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/nn"
)

// Model is a network with what one must know to use it.
type Model struct {
	Net   nn.Layer[float32]
	Input []int // the shape of one example, such as [1 28 28]

	// Classes are the names of the outputs, in order. Empty for a network that
	// is no classifier.
	Classes []string

	// Preprocess is applied to every example before Net sees it.
	Preprocess Preprocess

	// Priors are the class frequencies that training saw, weighted as its loss
	// weighted them: what a change of priors must divide by. One for each
	// class, summing to 1, or none if they are unknown.
	Priors []float64

	Training Training
}

// Training says where a model's weights come from. It is for people: nothing
// reads it.
type Training struct {
	Data      string             `json:"data,omitempty"`     // the name of the training data
	Examples  int                `json:"examples,omitempty"` // how many it has
	Epochs    int                `json:"epochs,omitempty"`   // completed
	Steps     int                `json:"steps,omitempty"`    // taken
	BatchSize int                `json:"batch_size,omitempty"`
	Seed      uint64             `json:"seed,omitempty"`
	Optimizer string             `json:"optimizer,omitempty"` // the step, in words
	Metrics   map[string]float64 `json:"metrics,omitempty"`   // finite
}

// Architecture describes the network without its numbers.
func (m *Model) Architecture() (nn.Architecture, error) { return nn.Describe(m.Net) }

// Validate says what does not fit together, if anything: the network must take
// Input and give one output for each class, the preprocessing must fit Input
// and the priors Classes.
func (m *Model) Validate() error {
	if m.Net == nil {
		return errors.New("model: no network")
	}
	if len(m.Input) == 0 {
		return errors.New("model: no input shape")
	}
	for _, d := range m.Input {
		if d <= 0 {
			return fmt.Errorf("model: input shape %v: want positive sizes", m.Input)
		}
	}
	output, err := m.Net.OutputShape(m.Input)
	if err != nil {
		return fmt.Errorf("model: %w", err)
	}
	if n := len(m.Classes); n > 0 && (len(output) != 1 || output[0] != n) {
		return fmt.Errorf("model: an output of shape %v for %d classes: want [%d]", output, n, n)
	}
	if err := m.Preprocess.validate(m.Input); err != nil {
		return err
	}
	return m.validatePriors()
}

func (m *Model) validatePriors() error {
	if len(m.Priors) == 0 {
		return nil
	}
	if len(m.Priors) != len(m.Classes) {
		return fmt.Errorf("model: %d priors for %d classes: want one for each", len(m.Priors), len(m.Classes))
	}
	sum := 0.0
	for i, p := range m.Priors {
		if !(p >= 0 && p <= 1) {
			return fmt.Errorf("model: prior %g of class %q: want a number from 0 to 1", p, m.Classes[i])
		}
		sum += p
	}
	if math.Abs(sum-1) > 1e-6 {
		return fmt.Errorf("model: priors that sum to %g: want 1", sum)
	}
	return nil
}
