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
	t.correlate(bias)
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
	t.correlate(nil)
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

func (t *conv[F]) correlate(bias []F) {
	padded := roundUp(t.outGroup, t.height)
	t.start = resized(t.start, t.Groups*padded)
	clear(t.start)
	for q := 0; q < t.Groups && bias != nil; q++ {
		copy(t.start[q*padded:], bias[q*t.outGroup:(q+1)*t.outGroup])
	}
	t.cutInto(t.outRows, convPlaces/t.outCols, 1)
	t.shape(&t.ConvGeometry, t.inGroup, t.size, t.outCols)
	t.findRuns()
	if t.direct {
		t.block = t.inTaps
	}
	t.packed = resized(t.packed, t.Groups*padded*t.inTaps)
	parallel.Run(t.Groups*parallel.Blocks(t.inTaps, t.block), packWeights[F]{t})
	parallel.Run(t.Batch*t.Groups*t.tasks, correlateTask[F]{t})
}

// convPackCost is what it costs to pack a place of a panel, in multiply-adds of
// a vector: the image is read as it lies where that is dearer than the lanes
// that are lost at the ends of rows.
const convPackCost = 10

// findRuns lists where the places of a task lie in planes: of each row, or of
// each panel.
func (t *conv[F]) findRuns() {
	length := simd.RunLength[F]()
	lost := roundUp(t.outCols, length) - t.outCols
	t.direct = simd.HasPlaces() && lost*t.outGroup < convPackCost*t.outCols
	t.runs, t.ends = t.runs[:0], t.ends[:0]
	places, width := t.size*t.outCols, t.width
	if t.direct {
		width = t.outCols
	}
	for first := 0; first < places; first += width {
		for at := first; at < min(first+width, places); {
			row, col := at/t.outCols, at%t.outCols
			n := min(length, t.outCols-col, first+width-at)
			lane := at
			if !t.direct {
				lane -= first
			}
			t.runs = append(t.runs, simd.Run{Lane: lane, From: row*t.cols + col, Count: n})
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
	simd.Pack(t.weights(q, from), t.height, to-from, t.w[q*t.outGroup*t.inTaps+from:], t.inTaps, 1, t.outGroup, to-from)
}

type correlateTask[F Float] struct{ *conv[F] }

// Block computes all channels of one group of one image in some rows.
func (t correlateTask[F]) Block(i int) {
	n, q, cut := t.place(i)
	first, last := parallel.Span(cut, t.size, t.outRows)
	places := (last - first) * t.outCols
	s := spareScratch[F]().Take()
	s.planes = resized(s.planes, t.inGroup*t.convPlanes.size()+simd.Slack)
	fillPlanes(s.planes, t.input(t.src, n, q, 0, t.inGroup), &t.convPlanes, first, last-first)
	out, start := t.output(t.dst, n, q)[first*t.outCols:], t.start[q*roundUp(t.outGroup, t.height):]
	if t.direct {
		simd.MulPlaces(out, t.outArea, t.outGroup, t.weights(q, 0), s.planes, t.starts, t.runs[:t.ends[last-first-1]], start, t.add)
	} else {
		t.mulPanels(s, out, q, places, start)
	}
	spareScratch[F]().Give(s)
}

// mulPanels packs what the taps read, block by block, and multiplies it.
func (t *conv[F]) mulPanels(s *scratch[F], out []F, q, places int, start []F) {
	s.b = resized(s.b, roundUp(places, t.width)*min(t.block, t.inTaps)+simd.Slack)
	ends := simd.Ends[F]{Rows: start, Add: t.add}
	for from := 0; from < t.inTaps; from += t.block {
		k := min(t.block, t.inTaps-from)
		simd.PackPlaces(s.b, t.width, s.planes, t.starts[from:from+k], t.runs, t.ends[:parallel.Blocks(places, t.width)])
		simd.MulPacked(out, t.outArea, t.outGroup, places, k, t.weights(q, from), simd.Panels[F]{Packed: s.b}, ends)
		ends = simd.Ends[F]{Add: true}
	}
}
