package tensor

import (
	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
)

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
	t.images = cut(t.Batch, parallel.Blocks(t.Batch, min(convParts, max(1, convPartsSize/len(dw)))), 1)
	parts := parallel.Blocks(t.Batch, t.images)
	t.cutInto(t.inTaps, convTaps, t.width)
	if parts > 1 {
		t.extra = resized(t.extra, parts*len(dw))
		t.add = false
	}
	parallel.Run(parts*t.Groups*t.tasks, weightsTask[F]{t})
	if parts > 1 {
		t.add = add
		parallel.Run(parallel.Blocks(len(dw), convSum), sumTask[F]{t})
	}
}

// convSum is how many elements of the gradient of the weights one task adds up.
const convSum = 1 << 13

type weightsTask[F Float] struct{ *conv[F] }

// Block computes one part of the gradient of a run of taps of one group.
func (t weightsTask[F]) Block(i int) {
	part, q, cut := t.place(i)
	lo, hi := parallel.Span(cut, t.size, t.inTaps)
	dw := t.dst
	if t.images < t.Batch {
		dw = t.extra[part*len(t.dst):]
	}
	dw = dw[q*t.outGroup*t.inTaps+lo:]
	s := takeScratch[F]()
	block := min(t.block, t.outArea)
	s.a = resized(s.a, roundUp(t.outGroup, t.height)*block)
	s.b = resized(s.b, roundUp(hi-lo, t.width)*block)
	s.rows = resized(s.rows, t.width*block)
	add := t.add
	first, last := parallel.Span(part, t.images, t.Batch)
	for n := first; n < last; n++ {
		image := t.src[(n*t.Groups+q)*t.inGroup*t.inArea:][:t.inGroup*t.inArea]
		dy := t.w[(n*t.Groups+q)*t.outGroup*t.outArea:]
		for from := 0; from < t.outArea; from += block {
			k := min(block, t.outArea-from)
			simd.Pack(s.a, t.height, dy[from:], t.outArea, 1, t.outGroup, k)
			at := t.patches.tapAt(lo)
			for j := 0; j < hi-lo; j += t.width {
				lanes := min(t.width, hi-lo-j)
				for l := range lanes {
					gather(s.rows[l*k:(l+1)*k], image, &t.patches, at, from)
					at = t.patches.next(at)
				}
				simd.Pack(s.b[j*k:], t.width, s.rows, k, 1, lanes, k)
			}
			simd.MulPacked(dw, t.inTaps, t.outGroup, hi-lo, k, s.a, s.b, simd.Ends[F]{Add: add})
			add = true
		}
	}
	s.release()
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
