package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

type tiedFilter[F tensor.Float] struct {
	x, weight, bias, y        *autodiff.Var[F]
	mask                      []F // nil for free taps
	taps                      []F // w
	n, m                      int // lengths of a row of x and of y
	dilation, stride, padding int
}

func (op *tiedFilter[F]) apply(tape *autodiff.Tape[F]) {
	op.taps = op.weight.Value.Data
	if op.mask != nil {
		op.taps = tape.Scratch(len(op.mask))
		simd.Scale(op.taps, op.mask, op.weight.Value.Data[0])
	}
	b := F(0)
	if op.bias != nil {
		b = op.bias.Value.Data[0]
	}
	for r := range op.rows() {
		x, y := op.x.Value.Data[r*op.n:][:op.n], op.y.Value.Data[r*op.m:][:op.m]
		for i := range y {
			y[i] = b
		}
		op.correlate(y, x)
	}
}

func (op *tiedFilter[F]) rows() int {
	if op.n == 0 {
		return 0
	}
	return len(op.x.Value.Data) / op.n
}

// reach returns the outputs lo ≤ i < hi that read x inside the row through tap
// k, at i·stride + offset.
func (op *tiedFilter[F]) reach(k int) (lo, hi, offset int) {
	offset = k*op.dilation - op.padding
	if offset < 0 {
		lo = (-offset + op.stride - 1) / op.stride
	}
	if offset < op.n {
		hi = min(op.m, (op.n-1-offset)/op.stride+1)
	}
	return lo, max(lo, hi), offset
}

// chunk is how many outputs are worked on at a time: they stay in the first
// cache while every tap adds to them.
const chunk = 4096

// correlate adds Σₖ wₖ·x[i·stride + k·dilation − padding] to each y[i].
func (op *tiedFilter[F]) correlate(y, x []F) {
	for from := 0; from < op.m; from += chunk {
		for k, w := range op.taps {
			lo, hi, offset := op.reach(k)
			lo, hi = max(lo, from), min(hi, from+chunk)
			if lo >= hi {
				continue
			}
			if op.stride == 1 {
				simd.AddScaled(y[lo:hi], x[lo+offset:hi+offset], w)
				continue
			}
			for i := lo; i < hi; i++ {
				y[i] += w * x[i*op.stride+offset]
			}
		}
	}
}

// Pull: dx at i·stride + k·dilation − padding += wₖ·dyᵢ, dwₖ += Σ dyᵢ·x there,
// tied da += Σ maskₖ·dwₖ, db += Σ dy.
func (op *tiedFilter[F]) Pull() {
	dy := op.y.Grad.Data
	if op.bias != nil {
		if db := op.bias.Accumulate(); db != nil {
			db[0] += F(simd.Sum(dy))
		}
	}
	if dx := op.x.Accumulate(); dx != nil {
		for r := range op.rows() {
			op.scatter(dx[r*op.n:][:op.n], dy[r*op.m:][:op.m])
		}
	}
	dw := op.weight.Accumulate()
	if dw == nil {
		return
	}
	shared := 0.0
	for k := range op.taps {
		sum := op.tapGradient(k, dy)
		if op.mask == nil {
			dw[k] += F(sum)
		} else {
			shared += float64(op.mask[k]) * sum
		}
	}
	if op.mask != nil {
		dw[0] += F(shared)
	}
}

// scatter is the adjoint of correlate.
func (op *tiedFilter[F]) scatter(dx, dy []F) {
	for from := 0; from < op.m; from += chunk {
		for k, w := range op.taps {
			lo, hi, offset := op.reach(k)
			lo, hi = max(lo, from), min(hi, from+chunk)
			if lo >= hi {
				continue
			}
			if op.stride == 1 {
				simd.AddScaled(dx[lo+offset:hi+offset], dy[lo:hi], w)
				continue
			}
			for i := lo; i < hi; i++ {
				dx[i*op.stride+offset] += w * dy[i]
			}
		}
	}
}

// tapGradient is Σ dyᵢ·x[i·stride + offset of tap k] over all rows.
func (op *tiedFilter[F]) tapGradient(k int, dy []F) float64 {
	lo, hi, offset := op.reach(k)
	if lo == hi {
		return 0
	}
	sum := 0.0
	for r := range op.rows() {
		x, g := op.x.Value.Data[r*op.n:][:op.n], dy[r*op.m:][:op.m]
		if op.stride == 1 {
			sum += simd.Dot(g[lo:hi], x[lo+offset:hi+offset])
			continue
		}
		for i := lo; i < hi; i++ {
			sum += float64(g[i]) * float64(x[i*op.stride+offset])
		}
	}
	return sum
}
