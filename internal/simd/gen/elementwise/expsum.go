package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// expSum writes the sum of e^(x − shift) in float64, over the lanes of a fold,
// and keeps the terms if asked to.
func (m *machine) expSum(w *machine, name string, keep bool) entry {
	signature := "func(x []%s, shift %s) float64"
	if keep {
		signature = "func(dst, x []%s, shift %s) float64"
	}
	e, n, x := m.begin(name, signature, "x")
	pointers := []reg.Register{x}
	if keep {
		pointers = append(pointers, build.Load(build.Param("dst").Base(), build.GP64()))
	}
	shift := m.scalar("shift")
	m.hoistConstants(0, func() { m.exp(m.vec()) })
	sums := w.zeros(foldLanes / w.lanes())
	turns(n, foldLanes, m.size, pointers, func(tail bool) {
		mask := masks(all)
		if tail {
			mask = m.masks(n, m.lanes(), m.size)
		}
		for i := range foldLanes / m.lanes() {
			k, disp := mask(i), i*m.width()
			y := m.exp(m.sub(m.load(operand.Mem{Base: x, Disp: disp}, k), shift))
			if keep {
				m.save(y, operand.Mem{Base: pointers[1], Disp: disp}, k)
			}
			if k != nil {
				y = m.keep(k, y)
			}
			m.addWide(w, sums, i, y)
		}
	})
	return w.finish(e, sums)
}

// addWide adds vector i of elements to the sums of its lanes.
func (m *machine) addWide(w *machine, sums []vec, i int, x vec) {
	if m.bits == 64 {
		w.element.add(x, sums[i], sums[i])
		return
	}
	var lower, upper reg.Register = x.AsX(), build.XMM()
	if m.avx512 {
		lower, upper = x.AsY(), build.YMM()
		build.VEXTRACTF32X8(operand.U8(1), x, upper)
	} else {
		build.VEXTRACTF128(operand.U8(1), x, upper)
	}
	for j, half := range []reg.Register{lower, upper} {
		s := sums[2*i+j]
		w.element.add(w.to(build.VCVTPS2PD, half), s, s)
	}
}
