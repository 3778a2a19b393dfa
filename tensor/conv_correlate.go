package tensor

import (
	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
)

// forward computes the convolution: for each image, the product of the weights
// [OutChannels, taps] and what the taps read [taps, places], which is never
// whole in memory.
func (t *conv[F]) forward(y, x, w, bias []F) {
	t.dst, t.src, t.w, t.bias = y, x, w, bias
	t.correlate()
}

// inputGradient computes the gradient of the input where the strides are 1. It
// is a correlation too: the channels change roles, and the taps lie the other
// way round.
func (t *conv[F]) inputGradient(dx, dy, w []F, add bool) {
	t.turnWeights(w)
	t.dst, t.src, t.w, t.add = dx, dy, t.extra, add
	t.patches = patches{
		height: t.OutHeight(), width: t.OutWidth(), outWidth: t.Width,
		kernelH: t.KernelH, kernelW: t.KernelW, strideH: 1, strideW: 1,
		offsetH: t.PadH, offsetW: t.PadW, tapH: -t.DilationH, tapW: -t.DilationW,
	}
	t.inGroup, t.outGroup = t.outGroup, t.inGroup
	t.inArea, t.outArea = t.outArea, t.inArea
	t.inTaps = t.inGroup * t.tapArea
	t.correlate()
}

// turnWeights copies the weights with the channels in and out exchanged.
func (t *conv[F]) turnWeights(w []F) {
	t.extra = resized(t.extra, len(w))
	for q := range t.Groups {
		for o := range t.outGroup {
			for c := range t.inGroup {
				from, to := ((q*t.outGroup+o)*t.inGroup+c)*t.tapArea, ((q*t.inGroup+c)*t.outGroup+o)*t.tapArea
				copy(t.extra[to:to+t.tapArea], w[from:from+t.tapArea])
			}
		}
	}
}

func (t *conv[F]) correlate() {
	t.packed = resized(t.packed, t.Groups*roundUp(t.outGroup, t.height)*t.inTaps)
	parallel.Run(t.Groups*parallel.Blocks(t.inTaps, t.block), packWeights[F]{t})
	t.cutInto(t.outArea, convPlaces, t.width)
	parallel.Run(t.Batch*t.Groups*t.tasks, correlateTask[F]{t})
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

// Block computes all channels of one group of one image at a run of places.
func (t correlateTask[F]) Block(i int) {
	n, q, cut := t.place(i)
	lo, hi := parallel.Span(cut, t.size, t.outArea)
	image := t.src[(n*t.Groups+q)*t.inGroup*t.inArea:][:t.inGroup*t.inArea]
	out := t.dst[(n*t.Groups+q)*t.outGroup*t.outArea+lo:]
	add := t.add
	if t.bias != nil {
		for o, v := range t.bias[q*t.outGroup:][:t.outGroup] {
			row := out[o*t.outArea:][:hi-lo]
			for j := range row {
				row[j] = v
			}
		}
		add = true
	}
	s := takeScratch[F]()
	s.b = resized(s.b, roundUp(hi-lo, t.width)*min(t.block, t.inTaps))
	for from := 0; from < t.inTaps; from += t.block {
		k := min(t.block, t.inTaps-from)
		for j := 0; j < hi-lo; j += t.width {
			packPlaces(s.b[j*k:(j+t.width)*k], image, &t.patches, from, k, lo+j, min(t.width, hi-lo-j))
		}
		simd.MulPacked(out, t.outArea, t.outGroup, hi-lo, k, t.weights(q, from), s.b, simd.Ends[F]{Add: add || from > 0})
	}
	s.release()
}
