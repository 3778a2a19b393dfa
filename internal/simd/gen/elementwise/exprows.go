package main

import (
	"math"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// expRows writes, for each row of a matrix that is at most one vector wide, the
// maximum, the exponentials of what lies below it and their sum. A maximum
// that misses NaN does not matter: the sum has it.
func (m *machine) expRows(w *machine) entry {
	e, n, sums := m.begin("expRows", "func(dst, x []%s, cols int, top []%s, sums []float64)", "sums")
	dst := build.Load(build.Param("dst").Base(), build.GP64())
	x := build.Load(build.Param("x").Base(), build.GP64())
	top := build.Load(build.Param("top").Base(), build.GP64())
	cols := build.Load(build.Param("cols"), build.GP64()).(reg.GPVirtual)
	m.hoistConstants(0, func() { m.exp(m.vec()) })
	lowest := m.vec()
	m.broadcast(m.stored(m.bitsOf(math.Inf(-1))), lowest)
	inside := m.masks(cols, m.lanes(), m.size)(0)
	build.SHLQ(operand.U8(map[int]int{4: 2, 8: 3}[m.size]), cols)
	build.Label("row")
	v := m.loadOr(operand.Mem{Base: x}, inside, lowest)
	largest := m.copy(v)
	m.foldVector(m.element.max, largest)
	one := operand.Mem{Base: top}
	m.saveFirst(largest, one)
	all := m.to(m.broadcast, largest.AsX())
	y := m.exp(m.sub(v, all))
	m.save(y, operand.Mem{Base: dst}, inside)
	y = m.keep(inside, y)
	lanes := w.zeros(m.lanes() / w.lanes())
	m.addWide(w, lanes, 0, y)
	if len(lanes) == 2 {
		w.element.add(lanes[1], lanes[0], lanes[0])
	}
	w.foldVector(w.element.add, lanes[0])
	w.saveFirst(lanes[0], operand.Mem{Base: sums})
	build.ADDQ(cols, x)
	build.ADDQ(cols, dst)
	build.ADDQ(operand.I32(m.size), top)
	build.ADDQ(operand.I32(8), sums)
	build.DECQ(n)
	build.JNZ(operand.LabelRef("row"))
	build.VZEROUPPER()
	build.RET()
	return e
}

// foldVector folds x to its first lane, halving it each time.
func (m *machine) foldVector(f instruction, x vec) {
	if m.avx512 {
		upper := build.YMM()
		build.VEXTRACTF64X4(operand.U8(1), x, upper)
		f(upper, x.AsY(), x.AsY())
	}
	upper := build.XMM()
	if m.avx512 {
		build.VEXTRACTF32X4(operand.U8(1), x.AsY(), upper)
	} else {
		build.VEXTRACTF128(operand.U8(1), x.AsY(), upper)
	}
	f(upper, x.AsX(), x.AsX())
	build.VPERMILPD(operand.U8(1), x.AsX(), upper)
	f(upper, x.AsX(), x.AsX())
	if m.bits == 32 {
		build.VPERMILPS(operand.U8(1), x.AsX(), upper)
		f(upper, x.AsX(), x.AsX())
	}
}

// saveFirst writes the first lane of x.
func (m *machine) saveFirst(x vec, at operand.Mem) {
	if m.bits == 32 {
		build.VMOVSS(x.AsX(), at)
		return
	}
	build.VMOVSD(x.AsX(), at)
}
