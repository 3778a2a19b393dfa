package tensor

import (
	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
)

// convChannels is about how many channels of the input one task of scatter
// does.
const convChannels = 48

// scatter computes the gradient of the input for any strides: for each image,
// the product of the transposed weights [taps, OutChannels] and dy
// [OutChannels, places], each row of which is added to what its tap reads.
func (t *conv[F]) scatter(dx, dy, w []F, add bool) {
	t.dst, t.src, t.w, t.add = dx, dy, w, add
	t.packed = resized(t.packed, t.Groups*roundUp(t.inTaps, t.height)*t.outGroup)
	parallel.Run(t.Groups*parallel.Blocks(t.outGroup, t.block), packTurned[F]{t})
	t.cutInto(t.inGroup, convChannels, t.height) // so that every task starts at a whole panel
	t.shape(&t.ConvGeometry, t.size, t.outRows, t.outCols)
	parallel.Run(t.Batch*t.Groups*t.tasks, scatterTask[F]{t})
}

// turned returns the packed transposed weights of group q from a step on.
func (t *conv[F]) turned(q, from int) []F {
	return t.packed[roundUp(t.inTaps, t.height)*(q*t.outGroup+from):]
}

type packTurned[F Float] struct{ *conv[F] }

// Block packs one block of steps of the transposed weights of one group.
func (t packTurned[F]) Block(i int) {
	blocks := parallel.Blocks(t.outGroup, t.block)
	q := i / blocks
	from, to := parallel.Span(i%blocks, t.block, t.outGroup)
	simd.Pack(t.turned(q, from), t.height, to-from, t.w[(q*t.outGroup+from)*t.inTaps:], 1, t.inTaps, t.inTaps, to-from)
}

type scatterTask[F Float] struct{ *conv[F] }

// Block computes some channels of one group of one image.
func (t scatterTask[F]) Block(i int) {
	n, q, cut := t.place(i)
	from, to := parallel.Span(cut, t.size, t.inGroup)
	starts := t.starts[:(to-from)*t.tapArea]
	dx, dy := t.input(t.dst, n, q, from, to-from), t.output(t.src, n, q)
	rows := max(1, convPlaces/t.outCols)
	s := spareScratch[F]().Take()
	s.planes = resized(s.planes, (to-from)*t.convPlanes.size())
	s.b = resized(s.b, roundUp(rows*t.outCols, t.width)*min(t.block, t.outGroup))
	s.rows = resized(s.rows, len(starts)*rows*t.outCols)
	clear(s.planes)
	for first := 0; first < t.outRows; first += rows {
		count := min(rows, t.outRows-first)
		places := count * t.outCols
		for step := 0; step < t.outGroup; step += t.block {
			k := min(t.block, t.outGroup-step)
			b := simd.Panels[F]{Packed: s.b, From: dy[step*t.outArea+first*t.outCols:], Step: t.outArea}
			simd.MulPacked(s.rows, places, len(starts), places, k, t.turned(q, step)[from*t.tapArea*k:], b, simd.Ends[F]{Add: step > 0})
		}
		for tap, start := range starts {
			for r := range count {
				line := s.planes[start+(first+r)*t.cols:][:t.outCols]
				for j, v := range s.rows[tap*places+r*t.outCols:][:t.outCols] {
					line[j] += v
				}
			}
		}
	}
	if !t.add {
		clear(dx)
	}
	drainPlanes(dx, s.planes, &t.convPlanes)
	spareScratch[F]().Give(s)
}
