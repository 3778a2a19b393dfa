package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// kernelAVX2 writes the micro-kernel with tiles of 4 rows and three vectors:
// 12 of the 16 registers are sums, and a step of 12 multiply-adds needs only
// seven loads, one fewer than 6 rows and two vectors would.
func kernelAVX2(e element) {
	k := &kernel{element: e, rows: 4, vectors: 3, unroll: 4,
		vector: func() reg.VecVirtual { return YMM() }}
	edge := &edge2{k: k}
	k.edge = edge
	k.emit("gemm"+e.suffix+"AVX2", edge.setup)
}

// maskBytes is the size of three vectors.
const maskBytes = 3 * 32

// edge2 takes the columns inside c from a table of maskBytes set bytes and as
// many clear ones, through a window that starts before the first clear byte by
// the number of columns.
type edge2 struct {
	k                                 *kernel
	window, add                       reg.GPVirtual
	mask, addMask, biasReg, addendReg reg.VecVirtual
	whole                             bool // all of the vector lies inside
}

func (m *edge2) setup(cols, add reg.GPVirtual) {
	m.window, m.add = GP64(), add
	bytes := GP64()
	MOVQ(cols, bytes)
	m.k.bytes(bytes)
	LEAQ(insideTable().Offset(maskBytes), m.window)
	SUBQ(bytes, m.window)
	NEGQ(m.add)
}

// each emits the rows twice: with plain moves for vectors that lie inside, as
// nearly all do, for masked ones take as long as a dozen of them.
func (m *edge2) each(v int, name string, rows func()) {
	m.mask, m.addMask, m.biasReg, m.addendReg = YMM(), YMM(), YMM(), YMM()
	all := XMM()
	VMOVQ(m.add, all)
	VPBROADCASTQ(all, m.addMask)
	CMPL(at(m.window, 32*v+28), operand.U8(0))
	JE(operand.LabelRef(name + "_partial"))
	m.whole = true
	rows()
	JMP(operand.LabelRef(name))
	Label(name + "_partial")
	m.whole = false
	VMOVDQU(at(m.window, 32*v), m.mask)
	VPAND(m.mask, m.addMask, m.addMask)
	rows()
}

func (m *edge2) bias() reg.Register   { return m.biasReg }
func (m *edge2) addend() reg.Register { return m.addendReg }

func (m *edge2) loadBias(mem operand.Op) {
	if m.whole {
		m.k.load(mem, m.biasReg)
		return
	}
	m.move(mem, m.mask, m.biasReg)
}

func (m *edge2) loadAddend(mem operand.Op) {
	if m.whole {
		VANDPS(mem, m.addMask, m.addendReg)
		return
	}
	m.move(mem, m.addMask, m.addendReg)
}

func (m *edge2) store(src reg.Register, mem operand.Op) {
	if m.whole {
		m.k.load(src, mem)
		return
	}
	m.move(src, m.mask, mem)
}

// move moves what the mask covers.
func (m *edge2) move(src, mask, dst operand.Op) {
	if m.k.size == 8 {
		VMASKMOVPD(src, mask, dst)
		return
	}
	VMASKMOVPS(src, mask, dst)
}

var inside *operand.Mem

// insideTable is the data section of the masks, made when it is first needed.
func insideTable() operand.Mem {
	if inside == nil {
		table := GLOBL("gemmInside", RODATA|NOPTR)
		for at := 0; at < maskBytes; at += 8 {
			DATA(at, operand.U64(1<<64-1))
		}
		for at := maskBytes; at < 2*maskBytes; at += 8 {
			DATA(at, operand.U64(0))
		}
		inside = &table
	}
	return *inside
}
