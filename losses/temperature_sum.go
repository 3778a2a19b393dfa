package losses

import "github.com/gradus-ml/gradus/internal/parallel"

// sumRows adds up width numbers over n rows: add adds those of row i to acc.
// Blocks of rows have a fixed size and are added in order, so the sums are the
// same bits on any number of processors.
func sumRows(n, width int, add func(acc []float64, i int)) []float64 {
	const size = 2048
	blocks := parallel.Blocks(n, size)
	parts := make([]float64, blocks*width)
	parallel.Run(blocks, parallel.Func(func(b int) {
		lo, hi := parallel.Span(b, size, n)
		acc := parts[b*width : (b+1)*width]
		for i := lo; i < hi; i++ {
			add(acc, i)
		}
	}))
	sums := make([]float64, width)
	for at, v := range parts {
		sums[at%width] += v
	}
	return sums
}
