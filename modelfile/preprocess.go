package modelfile

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Preprocess shifts and scales examples: (x − Mean)/Std. Both hold one number
// for everything, or one for each index of the example's first dimension (the
// channels of a picture), or one for each feature, or nothing, which leaves
// examples as they are.
type Preprocess struct {
	Mean []float32 `json:"mean,omitempty"`
	Std  []float32 `json:"std,omitempty"`
}

// Standardize returns the preprocessing that gives data of these moments, such
// as dataset.Moments finds, mean 0 and standard deviation 1. A feature that
// never varies, whose standard deviation is 0, is only shifted.
func Standardize(mean, std []float64) Preprocess {
	p := Preprocess{Mean: make([]float32, len(mean)), Std: make([]float32, len(std))}
	for i := range mean {
		p.Mean[i] = float32(mean[i])
	}
	for i := range std {
		if p.Std[i] = float32(std[i]); p.Std[i] == 0 {
			p.Std[i] = 1
		}
	}
	return p
}

func (p Preprocess) validate(input []int) error {
	if len(p.Mean) != len(p.Std) {
		return fmt.Errorf("preprocess: %d means and %d standard deviations: want as many", len(p.Mean), len(p.Std))
	}
	if n := len(p.Mean); n > 1 && n != input[0] && n != tensor.Size(input) {
		return fmt.Errorf("preprocess: %d means for examples of shape %v: want 1, %d or %d", n, input, input[0], tensor.Size(input))
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

// Apply replaces the batch x [batch, …] by its preprocessed self. It panics
// with a [*tensor.ShapeError] if Mean has none of the lengths that it may have
// for such examples.
func (p Preprocess) Apply(x *tensor.Tensor[float32]) { p.applyTo(x.Data, x) }

// applyTo writes the preprocessed x to dst, which may be x's own data.
func (p Preprocess) applyTo(dst []float32, x *tensor.Tensor[float32]) {
	n := len(p.Mean)
	if n == 0 {
		return
	}
	features := 0
	if len(x.Shape) > 1 {
		features = tensor.Size(x.Shape[1:])
	}
	if n > 1 && n != features && (features == 0 || n != x.Shape[1]) {
		panic(tensor.Mismatch("modelfile.Preprocess", fmt.Sprintf("[batch …] that %d means fit", n), x.Shape))
	}
	if n == features && n > 1 {
		for at := 0; at < len(x.Data); at += n {
			row := dst[at : at+n]
			simd.Sub(row, x.Data[at:at+n], p.Mean)
			simd.Div(row, row, p.Std)
		}
		return
	}
	group := len(x.Data)
	if n > 1 {
		group = features / n
	}
	for at, c := 0, 0; at < len(x.Data); at, c = at+group, (c+1)%n {
		simd.Standardise(dst[at:at+group], x.Data[at:at+group], p.Mean[c], float32(1/float64(p.Std[c])), 0)
	}
}
