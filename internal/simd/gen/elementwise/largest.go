package main

import (
	"math"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// largest writes the maximum of f(x), with what stands for no element: f is
// nowhere less than there. The processor's maximum forgets NaN, so that one was
// there is kept beside.
func (m *machine) largest(name string, none float64, f func(vec) vec) entry {
	const vectors = 4
	e, n, a := m.begin(name, "func(a, b []%s) float64", "a")
	m.hoistConstants(0, func() { f(m.vec()) })
	empty := m.vec()
	m.broadcast(m.stored(m.bitsOf(none)), empty)
	best := make([]vec, vectors)
	for i := range best {
		best[i] = m.copy(f(empty))
	}
	sawNaN := m.vec()
	m.element.xor(sawNaN, sawNaN, sawNaN)
	turns(n, vectors*m.lanes(), m.size, []reg.Register{a}, func(tail bool) {
		mask := masks(all)
		if tail {
			mask = m.masks(n, m.lanes(), m.size)
		}
		var x [vectors]vec
		for i := range x {
			x[i] = f(m.loadOr(operand.Mem{Base: a, Disp: i * m.width()}, mask(i), empty))
		}
		for i := range x {
			m.element.max(best[i], x[i], best[i])
			if i%2 == 1 {
				c := m.compare(x[i-1], unordered, x[i])
				m.markLanes(sawNaN, c)
			}
		}
	})
	for i := vectors / 2; i > 0; i /= 2 {
		for j := range i {
			m.element.max(best[j+i], best[j], best[j])
		}
	}
	nan := sawNaN.AsY()
	if m.avx512 {
		upper := build.YMM()
		build.VEXTRACTF64X4(operand.U8(1), sawNaN, upper)
		m.element.or(upper, nan, nan)
	}
	any := build.GP32()
	build.VPMOVMSKB(nan, any)
	m.foldVector(m.element.max, best[0])
	x := best[0].AsX()
	if m.bits == 32 {
		build.VCVTSS2SD(x, x, x)
	}
	build.TESTL(any, any)
	build.JZ(operand.LabelRef("ordered"))
	build.VMOVSD(m.wide().stored(math.Float64bits(math.NaN())), x)
	build.Label("ordered")
	result(x)
	return e
}

// loadOr reads a vector, fill in the lanes outside mask.
func (m *machine) loadOr(at operand.Mem, mask reg.Register, fill vec) vec {
	switch {
	case mask == nil:
		return m.to(m.move, at)
	case m.avx512:
		x := m.copy(fill)
		m.move(at, mask, x)
		return x
	}
	return m.choose(mask, m.load(at, mask), fill)
}

// markLanes sets the lanes of c in marks.
func (m *machine) markLanes(marks vec, c cond) {
	if m.avx512 {
		set := m.vec()
		if m.bits == 32 {
			build.VPMOVM2D(c, set)
		} else {
			build.VPMOVM2Q(c, set)
		}
		c = set
	}
	m.element.or(c, marks, marks)
}
