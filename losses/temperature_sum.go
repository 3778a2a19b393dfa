package losses

import "github.com/gradus-ml/gradus/internal/parallel"

// sumRows adds up width numbers over n rows: add adds those of row i to acc,
// with scratch numbers of its own to write on. Blocks of rows are fixed by the
// sizes alone and added in order, so the sums are the same bits on any number
// of processors.
func sumRows(n, width, scratch int, add func(acc, scratch []float64, i int)) []float64 {
	const rows, limit = 2048, 1 << 23
	size := max(rows, n*width/limit) // fewer blocks where each holds many sums
	blocks := parallel.Blocks(n, size)
	parts := make([]float64, blocks*width)
	parallel.Run(blocks, parallel.Func(func(b int) {
		lo, hi := parallel.Span(b, size, n)
		acc, own := parts[b*width:(b+1)*width], make([]float64, scratch)
		for i := lo; i < hi; i++ {
			add(acc, own, i)
		}
	}))
	sums := make([]float64, width)
	for at, v := range parts {
		sums[at%width] += v
	}
	return sums
}
