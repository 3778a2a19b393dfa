package tensor

import (
	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
)

// scatter computes the gradient of the input for any strides: for each image,
// the product of the transposed weights [taps, OutChannels] and dy
// [OutChannels, places], each row of which is added where its tap reads.
func (t *conv[F]) scatter(dx, dy, w []F, add bool) {
	t.dst, t.src, t.w, t.add = dx, dy, w, add
	t.packed = resized(t.packed, t.Groups*roundUp(t.inTaps, t.height)*t.outGroup)
	parallel.Run(t.Groups*parallel.Blocks(t.outGroup, t.block), packTurned[F]{t})
	t.cutInto(t.inGroup, convChannels, t.height) // whole panels, so that every task starts at one
	parallel.Run(t.Batch*t.Groups*t.tasks, scatterTask[F]{t})
}

// turned returns the packed transposed weights of group q from channel out
// from on, a block of k channels.
func (t *conv[F]) turned(q, from int) []F {
	return t.packed[roundUp(t.inTaps, t.height)*(q*t.outGroup+from):]
}

type packTurned[F Float] struct{ *conv[F] }

// Block packs one block of the transposed weights of one group.
func (t packTurned[F]) Block(i int) {
	blocks := parallel.Blocks(t.outGroup, t.block)
	q := i / blocks
	from, to := parallel.Span(i%blocks, t.block, t.outGroup)
	simd.Pack(t.turned(q, from), t.height, t.w[(q*t.outGroup+from)*t.inTaps:], 1, t.inTaps, t.inTaps, to-from)
}

type scatterTask[F Float] struct{ *conv[F] }

// Block computes some channels of one group of one image.
func (t scatterTask[F]) Block(i int) {
	n, q, cut := t.place(i)
	first, last := parallel.Span(cut, t.size, t.inGroup)
	dx := t.dst[((n*t.Groups+q)*t.inGroup+first)*t.inArea:][:(last-first)*t.inArea]
	dy := t.src[(n*t.Groups+q)*t.outGroup*t.outArea:]
	if !t.add {
		clear(dx)
	}
	taps := (last - first) * t.tapArea
	s := takeScratch[F]()
	s.b = resized(s.b, roundUp(min(convPlaces, t.outArea), t.width)*min(t.block, t.outGroup))
	s.rows = resized(s.rows, taps*min(convPlaces, t.outArea))
	for lo := 0; lo < t.outArea; lo += convPlaces {
		places := min(convPlaces, t.outArea-lo)
		for from := 0; from < t.outGroup; from += t.block {
			k := min(t.block, t.outGroup-from)
			simd.Pack(s.b, t.width, dy[from*t.outArea+lo:], 1, t.outArea, places, k)
			simd.MulPacked(s.rows, places, taps, places, k, t.turned(q, from)[first*t.tapArea*k:], s.b, simd.Ends[F]{Add: from > 0})
		}
		var at tap
		for r := range taps {
			scatterAdd(dx, s.rows[r*places:(r+1)*places], &t.patches, at, lo)
			at = t.patches.next(at)
		}
	}
	s.release()
}
