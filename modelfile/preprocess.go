package modelfile

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/tensor"
)

// Preprocess shifts and scales examples: (x − Mean)/Std. Both hold one number
// for everything, or one for each index of the example's first dimension (the
// channels of a picture, the columns of a table), or nothing, which leaves
// examples as they are.
type Preprocess struct {
	Mean []float32 `json:"mean,omitempty"`
	Std  []float32 `json:"std,omitempty"`
}

func (p Preprocess) validate(input []int) error {
	if len(p.Mean) != len(p.Std) {
		return fmt.Errorf("preprocess: %d means and %d standard deviations: want as many", len(p.Mean), len(p.Std))
	}
	if n := len(p.Mean); n > 1 && n != input[0] {
		return fmt.Errorf("preprocess: %d means for examples of shape %v: want 1 or %d", n, input, input[0])
	}
	for i, std := range p.Std {
		if mean := float64(p.Mean[i]); math.IsNaN(mean) || math.IsInf(mean, 0) {
			return fmt.Errorf("preprocess: a mean of %g: want a finite number", mean)
		}
		if !(std > 0) || math.IsInf(float64(std), 0) {
			return fmt.Errorf("preprocess: a standard deviation of %g: want a finite number above 0", std)
		}
	}
	return nil
}

// Apply replaces the batch x [batch, channels, …] by its preprocessed self. It
// panics with a [*tensor.ShapeError] if x has not as many channels as Mean has
// numbers.
func (p Preprocess) Apply(x *tensor.Tensor[float32]) {
	n := len(p.Mean)
	if n == 0 {
		return
	}
	if n > 1 && (len(x.Shape) < 2 || x.Shape[1] != n) {
		panic(tensor.Mismatch("modelfile.Preprocess", fmt.Sprintf("[batch %d …]", n), x.Shape))
	}
	group := len(x.Data)
	if n > 1 {
		group = tensor.Size(x.Shape[2:])
	}
	for at, c := 0, 0; at < len(x.Data); at, c = at+group, (c+1)%n {
		mean, std := p.Mean[c], p.Std[c]
		for i, v := range x.Data[at : at+group] {
			x.Data[at+i] = (v - mean) / std
		}
	}
}
