package tensor

import (
	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
)

// forward computes the convolution: for each image, the product of the weights
// [OutChannels, taps] and what the taps read [taps, places], which is never
// whole in memory.
func (t *conv[F]) forward(y, x, w, bias []F) {
	t.dst, t.src, t.w, t.add = y, x, w, false
	if bias != nil {
		padded := roundUp(t.outGroup, t.height)
		t.extra = resized(t.extra, t.Groups*padded)
		for q := range t.Groups {
			copy(t.extra[q*padded:], bias[q*t.outGroup:(q+1)*t.outGroup])
		}
		t.bias = t.extra
	}
	t.correlate()
}

// inputGradient computes the gradient of the input where the strides are 1. It
// is a convolution too: of dy, with the channels in and out exchanged, the
// kernels turned by half a circle, and the padding that is left of their size.
func (t *conv[F]) inputGradient(dx, dy, w []F, add bool) {
	t.turnWeights(w)
	t.dst, t.src, t.w, t.add = dx, dy, t.extra, add
	t.inGroup, t.outGroup = t.outGroup, t.inGroup
	t.inArea, t.outArea = t.outArea, t.inArea
	t.inTaps = t.inGroup * t.tapArea
	t.PadH, t.PadW = (t.KernelH-1)*t.DilationH-t.PadH, (t.KernelW-1)*t.DilationW-t.PadW
	t.Height, t.Width, t.outRows, t.outCols = t.outRows, t.outCols, t.Height, t.Width
	t.correlate()
}

// turnWeights copies the weights with the channels exchanged and the kernels
// turned.
func (t *conv[F]) turnWeights(w []F) {
	t.extra = resized(t.extra, len(w))
	for q := range t.Groups {
		for o := range t.outGroup {
			for c := range t.inGroup {
				from := w[((q*t.outGroup+o)*t.inGroup+c)*t.tapArea:][:t.tapArea]
				to := t.extra[((q*t.inGroup+c)*t.outGroup+o)*t.tapArea:][:t.tapArea]
				for i, v := range from {
					to[t.tapArea-1-i] = v
				}
			}
		}
	}
}

func (t *conv[F]) correlate() {
	t.packed = resized(t.packed, t.Groups*roundUp(t.outGroup, t.height)*t.inTaps)
	parallel.Run(t.Groups*parallel.Blocks(t.inTaps, t.block), packWeights[F]{t})
	t.cutInto(t.outRows, convPlaces/t.outCols, 1)
	t.shape(&t.ConvGeometry, t.inGroup, t.size, t.outCols)
	t.findRuns()
	parallel.Run(t.Batch*t.Groups*t.tasks, correlateTask[F]{t})
}

// findRuns lists where the places of each panel of a task lie in planes.
func (t *conv[F]) findRuns() {
	t.runs, t.ends = t.runs[:0], t.ends[:0]
	places := t.size * t.outCols
	for first := 0; first < places; first += t.width {
		for at := first; at < min(first+t.width, places); {
			row, col := at/t.outCols, at%t.outCols
			n := min(simd.RunLength[F](), t.outCols-col, first+t.width-at)
			t.runs = append(t.runs, simd.Run{Lane: at - first, From: row*t.cols + col, Count: n})
			at += n
		}
		t.ends = append(t.ends, len(t.runs))
	}
}

// weights returns the packed weights of group q from a step on.
func (t *conv[F]) weights(q, from int) []F {
	return t.packed[roundUp(t.outGroup, t.height)*(q*t.inTaps+from):]
}

type packWeights[F Float] struct{ *conv[F] }

// Block packs one block of steps of the weights of one group.
func (t packWeights[F]) Block(i int) {
	blocks := parallel.Blocks(t.inTaps, t.block)
	q := i / blocks
	from, to := parallel.Span(i%blocks, t.block, t.inTaps)
	simd.Pack(t.weights(q, from), t.height, t.w[q*t.outGroup*t.inTaps+from:], t.inTaps, 1, t.outGroup, to-from)
}

type correlateTask[F Float] struct{ *conv[F] }

// Block computes all channels of one group of one image in some rows.
func (t correlateTask[F]) Block(i int) {
	n, q, cut := t.place(i)
	first, last := parallel.Span(cut, t.size, t.outRows)
	places := (last - first) * t.outCols
	s := takeScratch[F]()
	s.planes = resized(s.planes, t.inGroup*t.convPlanes.size()+simd.Slack)
	fillPlanes(s.planes, t.input(t.src, n, q, 0, t.inGroup), &t.convPlanes, first, last-first)
	s.b = resized(s.b, roundUp(places, t.width)*min(t.block, t.inTaps)+simd.Slack)
	ends := simd.Ends[F]{Add: t.add}
	if t.bias != nil {
		ends.Rows = t.bias[q*roundUp(t.outGroup, t.height):]
	}
	for from := 0; from < t.inTaps; from += t.block {
		k := min(t.block, t.inTaps-from)
		begin := 0
		for p := range parallel.Blocks(places, t.width) {
			simd.PackPlaces(s.b[p*t.width*k:], t.width, s.planes, t.starts[from:from+k], t.runs[begin:t.ends[p]])
			begin = t.ends[p]
		}
		simd.MulPacked(t.output(t.dst, n, q)[first*t.outCols:], t.outArea, t.outGroup, places, k, t.weights(q, from), s.b, ends)
		ends = simd.Ends[F]{Add: true}
	}
	s.release()
}
