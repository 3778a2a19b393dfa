package losses

// Reduction says how the terms of a loss become one number.
type Reduction int

// The reductions. A term is an element for MSE and BinaryCrossEntropy, an
// example for the others.
const (
	MeanReduction    Reduction = iota // the mean of all terms; of weighted ones the weighted mean
	SumReduction                      // their sum, as an attack needs: examples do not share a gradient
	ExampleReduction                  // the sum over an example's elements, averaged over the batch, as a likelihood needs
)

// divisor returns what the sum of terms is divided by, for tensors of the
// given shape. A loss of nothing is 0, so the divisor is never 0.
func (r Reduction) divisor(shape []int, elements int) float64 {
	n := 1
	switch {
	case r == MeanReduction:
		n = elements
	case r == ExampleReduction && len(shape) > 0:
		n = shape[0]
	}
	return float64(max(n, 1))
}
