package prox

import (
	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// applyBlock is how many elements of an array one processor takes at a time,
// if pieces are not longer.
const applyBlock = 1 << 16

// Apply writes the proximal map of a penalty at the array a of the given shape
// to dst, which may be a itself, piece by piece on all processors, and returns
// R(dst). Its bits do not depend on how many processors there are. It panics
// with a [*tensor.ShapeError] if the lengths do not fit the shape.
func Apply[F tensor.Float](penalty Penalty[F], shape []int, dst, a []F, step float64) float64 {
	n := tensor.Size(shape)
	if len(dst) != n || len(a) != n {
		panic(tensor.Mismatch("prox.Apply", "slices that hold the shape", shape, []int{len(dst)}, []int{len(a)}))
	}
	piece := penalty.Piece(shape)
	block := applyBlock
	if piece > 0 {
		block = piece * max(1, applyBlock/piece)
	}
	job := &applyJob[F]{penalty: penalty, dst: dst, a: a, step: step, piece: piece, block: block, values: make([]float64, parallel.Blocks(n, block))}
	if s, ok := penalty.(streamer[F]); ok && simd.Large(dst) && &dst[0] != &a[0] {
		past := simd.PastCaches(dst)
		job.penalty, job.streams = s.streaming(past), past
	}
	parallel.Run(len(job.values), job)
	total := 0.0
	for _, v := range job.values {
		total += v
	}
	return total
}

// streamer is implemented by penalties whose map can fetch the piece that
// follows, where dst is large and not a, and write past the caches.
type streamer[F tensor.Float] interface{ streaming(past bool) Penalty[F] }

type applyJob[F tensor.Float] struct {
	penalty      Penalty[F]
	dst, a       []F
	step         float64
	piece, block int
	values       []float64 // R of each block
	streams      bool      // dst is written past the caches
}

// Block maps the pieces of block i.
func (j *applyJob[F]) Block(i int) {
	lo, hi := parallel.Span(i, j.block, len(j.a))
	length := j.piece
	if length == 0 {
		length = hi - lo
	}
	for at := lo; at < hi; at += length {
		j.values[i] += j.penalty.Prox(j.dst[at:at+length], j.a[at:at+length], j.step)
	}
	if j.streams {
		simd.Fence()
	}
}
