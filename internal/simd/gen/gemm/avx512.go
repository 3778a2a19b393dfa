package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tiles512 is a kernel with tiles of 12 rows and two vectors: 24 of the 32
// registers are sums, enough to keep two units busy through the latency of a
// multiply-add, and a step of as many multiply-adds needs 14 loads.
func tiles512(e element) (*kernel, *edge512) {
	k := &kernel{element: e, rows: 12, vectors: 2, heights: []int{4, 8}, unroll: 4,
		vector: func() reg.VecVirtual { return ZMM() }}
	edge := &edge512{k: k}
	k.edge = edge
	return k, edge
}

// kernelAVX512 writes the micro-kernel for packed panels.
func kernelAVX512(e element) {
	k, edge := tiles512(e)
	k.emit("gemm"+e.suffix+"AVX512", func(cols, add reg.GPVirtual) {
		inside := GP64()
		MOVQ(operand.I32(-1), inside)
		SHLXQ(cols, inside, inside)
		NOTQ(inside)
		edge.setup(inside, add)
	})
}

// edge512 keeps the columns inside c in mask registers.
type edge512 struct {
	k                  *kernel
	inside, addInside  [2]reg.OpmaskVirtual
	biasReg, addendReg reg.VecVirtual
	mask, addMask      reg.OpmaskVirtual
}

// setup takes a bit for each column inside c.
func (m *edge512) setup(inside, add reg.GPVirtual) {
	NEGQ(add)
	ANDQ(inside, add)
	for v := range m.inside {
		m.inside[v], m.addInside[v] = K(), K()
		KMOVW(inside.As32(), m.inside[v])
		KMOVW(add.As32(), m.addInside[v])
		if v == 0 {
			SHRQ(operand.U8(m.k.lanes()), inside)
			SHRQ(operand.U8(m.k.lanes()), add)
		}
	}
}

func (m *edge512) each(v int, _ string, rows func()) {
	m.mask, m.addMask = m.inside[v], m.addInside[v]
	m.biasReg, m.addendReg = ZMM(), ZMM()
	rows()
}

func (m *edge512) loadBias(mem operand.Op)   { m.loadZeroing(mem, m.mask, m.biasReg) }
func (m *edge512) loadAddend(mem operand.Op) { m.loadZeroing(mem, m.addMask, m.addendReg) }
func (m *edge512) bias() reg.Register        { return m.biasReg }
func (m *edge512) addend() reg.Register      { return m.addendReg }

func (m *edge512) loadZeroing(mem operand.Op, mask, dst reg.Register) {
	if m.k.size == 8 {
		VMOVUPD_Z(mem, mask, dst)
		return
	}
	VMOVUPS_Z(mem, mask, dst)
}

func (m *edge512) store(src reg.Register, mem operand.Op) { m.k.load(src, m.mask, mem) }
