package losses

import "github.com/gradus-ml/gradus/tensor"

// Reduction says how the terms of a loss become one number. A term belongs to
// an element of the predictions in [MSE] and [BinaryCrossEntropy], to an
// example in the cross entropies.
type Reduction int

// The reductions.
const (
	MeanReduction    Reduction = iota // the mean of all terms; of weighted ones, the weighted mean
	SumReduction                      // their sum, as an attack needs: an example's gradient knows no others
	ExampleReduction                  // the sum of an example's terms, averaged over the batch, as a likelihood needs
)

// divisor returns what the sum over a tensor [batch, …] of terms is divided
// by. It is 1 for an empty one, whose loss is 0.
func (r Reduction) divisor(shape []int) float64 {
	n := 1
	switch {
	case r == MeanReduction:
		n = tensor.Size(shape)
	case r == ExampleReduction && len(shape) > 0:
		n = shape[0]
	}
	return float64(max(n, 1))
}
