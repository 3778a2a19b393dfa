package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// addRows writes the sum of the rows of a matrix as wide as dst, added to dst.
// A stripe of columns stays in registers while all rows go by.
func (m *machine) addRows() entry {
	e, n, dst := m.begin("addRows", "func(dst, x []%s, rows int)", "dst")
	x := build.Load(build.Param("x").Base(), build.GP64())
	rows := build.Load(build.Param("rows"), build.GP64())
	pitch := build.GP64()
	build.MOVQ(n, pitch)
	build.SHLQ(operand.U8(map[int]int{4: 2, 8: 3}[m.size]), pitch)
	stripe := func(label string, vectors int, mask reg.Register) {
		at, left := build.GP64(), build.GP64()
		build.MOVQ(x, at)
		build.MOVQ(rows, left)
		sums := make([]vec, vectors)
		for i := range sums {
			sums[i] = m.load(operand.Mem{Base: dst, Disp: i * m.width()}, mask)
		}
		build.Label(label + "Row")
		for i := range sums {
			if mem := (operand.Mem{Base: at, Disp: i * m.width()}); mask == nil {
				m.element.add(mem, sums[i], sums[i])
			} else {
				m.element.add(m.load(mem, mask), sums[i], sums[i])
			}
		}
		build.ADDQ(pitch, at)
		build.DECQ(left)
		build.JNZ(operand.LabelRef(label + "Row"))
		for i := range sums {
			m.save(sums[i], operand.Mem{Base: dst, Disp: i * m.width()}, mask)
		}
	}
	for _, s := range []struct {
		label   string
		vectors int
	}{{"wide", 8}, {"narrow", 1}} {
		build.Label(s.label)
		build.SUBQ(operand.I32(s.vectors*m.lanes()), n)
		build.JL(operand.LabelRef(s.label + "End"))
		stripe(s.label, s.vectors, nil)
		build.ADDQ(operand.I32(s.vectors*m.width()), dst)
		build.ADDQ(operand.I32(s.vectors*m.width()), x)
		build.JMP(operand.LabelRef(s.label))
		build.Label(s.label + "End")
		build.ADDQ(operand.I32(s.vectors*m.lanes()), n)
	}
	build.TESTQ(n, n)
	build.JZ(operand.LabelRef("done"))
	stripe("tail", 1, m.masks(n, m.lanes(), m.size)(0))
	build.Label("done")
	build.VZEROUPPER()
	build.RET()
	return e
}
