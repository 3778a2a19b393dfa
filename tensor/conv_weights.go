package tensor

import (
	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
)

// convSum is how many elements of the gradient of the weights one task adds up.
const convSum = 1 << 13

// weightGradient computes the gradient of the weights: the sum over the images
// of the product of dy [OutChannels, places] and what the taps read
// [places, taps]. Runs of images are summed apart, in as many parts as the
// shapes allow whatever the number of processors, and the parts are added in
// order.
func (t *conv[F]) weightGradient(dw, dy, x []F, add bool) {
	t.dst, t.w, t.src, t.add = dw, dy, x, add
	if t.Batch == 0 {
		if !add {
			clear(dw)
		}
		return
	}
	t.images = parallel.Blocks(t.Batch, min(convParts, max(1, convPartsSize/len(dw))))
	parts := parallel.Blocks(t.Batch, t.images)
	if parts > 1 {
		t.extra, t.add = resized(t.extra, parts*len(dw)), false
	}
	t.cutInto(t.inGroup, convTaps/t.tapArea, 1)
	t.shape(&t.ConvGeometry, t.size, t.rowsInBlock(), t.outCols)
	parallel.Run(parts*t.Groups*t.tasks, weightsTask[F]{t})
	if parts > 1 {
		t.add = add
		parallel.Run(parallel.Blocks(len(dw), convSum), sumTask[F]{t})
	}
}

// rowsInBlock is how many rows of dy are one block of steps.
func (t *conv[F]) rowsInBlock() int { return cut(t.outRows, max(1, t.block/t.outCols), 1) }

type weightsTask[F Float] struct{ *conv[F] }

// Block computes one part of the gradient of the taps in some channels.
func (t weightsTask[F]) Block(i int) {
	part, q, cut := t.place(i)
	from, to := parallel.Span(cut, t.size, t.inGroup)
	starts := t.starts[:(to-from)*t.tapArea]
	dw := t.dst
	if t.images < t.Batch {
		dw = t.extra[part*len(t.dst):]
	}
	dw = dw[q*t.outGroup*t.inTaps+from*t.tapArea:]
	rows := t.rowsInBlock()
	s := spareScratch[F]().Take()
	s.planes = resized(s.planes, (to-from)*t.convPlanes.size()+simd.Slack)
	s.a = resized(s.a, roundUp(t.outGroup, t.height)*rows*t.outCols)
	s.b = resized(s.b, roundUp(len(starts), t.width)*rows*t.outCols+simd.Slack*t.width)
	ends := simd.Ends[F]{Add: t.add}
	begin, end := parallel.Span(part, t.images, t.Batch)
	for n := begin; n < end; n++ {
		for first := 0; first < t.outRows; first += rows {
			count := min(rows, t.outRows-first)
			k := count * t.outCols
			fillPlanes(s.planes, t.input(t.src, n, q, from, to-from), &t.convPlanes, first, count)
			simd.Pack(s.a, t.height, k, t.output(t.w, n, q)[first*t.outCols:], t.outArea, 1, t.outGroup, k)
			simd.PackTaps(s.b, t.width, s.planes, starts, count, t.cols, t.outCols)
			simd.MulPacked(dw, t.inTaps, t.outGroup, len(starts), k, s.a, simd.Panels[F]{Packed: s.b}, ends)
			ends.Add = true
		}
	}
	spareScratch[F]().Give(s)
}

type sumTask[F Float] struct{ *conv[F] }

// Block adds the parts of one run of elements.
func (t sumTask[F]) Block(i int) {
	lo, hi := parallel.Span(i, convSum, len(t.dst))
	dw := t.dst[lo:hi]
	if !t.add {
		clear(dw)
	}
	for at := lo; at < len(t.extra); at += len(t.dst) {
		for j, v := range t.extra[at : at+hi-lo] {
			dw[j] += v
		}
	}
}
