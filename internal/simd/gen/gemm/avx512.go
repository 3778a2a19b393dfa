package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// kernelAVX512 writes the micro-kernel with tiles of 12 rows and two vectors:
// 24 of the 32 registers are sums, enough to keep two units busy through the
// latency of a multiply-add, and 26 multiply-adds and loads of b share 12
// broadcasts.
func kernelAVX512(e element) {
	k := &kernel{element: e, rows: 12, vectors: 2, heights: []int{4, 8}, unroll: 4,
		vector: func() reg.VecVirtual { return ZMM() }}
	k.edge = &edge512{k: k}
	k.emit("gemm" + e.suffix + "AVX512")
}

// edge512 keeps the columns inside c in mask registers.
type edge512 struct {
	k                  *kernel
	inside, addInside  [2]reg.OpmaskVirtual
	biasReg, addendReg reg.VecVirtual
	mask, addMask      reg.OpmaskVirtual
}

func (m *edge512) setup(cols, add reg.GPVirtual) {
	ones, addOnes := GP64(), GP64()
	Comment("Masks of the columns inside c, and of those to add to.")
	MOVQ(operand.I32(-1), ones)
	SHLXQ(cols, ones, ones)
	NOTQ(ones)
	MOVQ(ones, addOnes)
	NEGQ(add)
	ANDQ(add, addOnes)
	for v := range m.inside {
		m.inside[v], m.addInside[v] = K(), K()
		KMOVW(ones.As32(), m.inside[v])
		KMOVW(addOnes.As32(), m.addInside[v])
		SHRQ(operand.U8(m.k.lanes()), ones)
		SHRQ(operand.U8(m.k.lanes()), addOnes)
	}
}

func (m *edge512) choose(v int) {
	m.mask, m.addMask = m.inside[v], m.addInside[v]
	m.biasReg, m.addendReg = ZMM(), ZMM()
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
