package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// edge reads and writes the part of a tile that lies inside c, one vector of
// columns at a time.
type edge interface {
	begin(cols, add reg.GPVirtual)                // cols are inside; add is 1 or 0
	each(v int, next string, rows func())         // rows emits what is done to vector v, and may jump to next
	load(mem operand.Mem, dst reg.Register)       // 0 outside
	loadAddend(mem operand.Mem, dst reg.Register) // 0 outside and where nothing is to be added
	store(src reg.Register, mem operand.Mem)      // only what is inside
}

func newEdge(k *tiles) edge {
	if k.level == avx512 {
		return &edge512{element: k.element}
	}
	return &edge2{element: k.element}
}

// edge512 keeps the columns inside c, and those that are added to, in mask
// registers.
type edge512 struct {
	element
	inside, added reg.GPVirtual
	mask, addMask reg.OpmaskVirtual
}

func (m *edge512) begin(cols, add reg.GPVirtual) {
	inside := GP64()
	MOVQ(operand.I32(-1), inside)
	SHLXQ(cols, inside, inside)
	NOTQ(inside)
	m.beginAt(inside, add)
}

// beginAt begins with a bit for each column inside c.
func (m *edge512) beginAt(inside, add reg.GPVirtual) {
	NEGQ(add)
	ANDQ(inside, add)
	m.inside, m.added = inside, add
}

func (m *edge512) each(v int, _ string, rows func()) {
	m.mask, m.addMask = K(), K()
	if v > 0 {
		SHRQ(operand.U8(64/m.size), m.inside)
		SHRQ(operand.U8(64/m.size), m.added)
	}
	KMOVW(m.inside.As32(), m.mask)
	KMOVW(m.added.As32(), m.addMask)
	rows()
}

func (m *edge512) load(mem operand.Mem, dst reg.Register)       { m.loadZeroing(mem, m.mask, dst) }
func (m *edge512) loadAddend(mem operand.Mem, dst reg.Register) { m.loadZeroing(mem, m.addMask, dst) }
func (m *edge512) store(src reg.Register, mem operand.Mem)      { m.element.load(src, m.mask, mem) }

func (m *edge512) loadZeroing(mem operand.Mem, mask, dst reg.Register) {
	if m.size == 8 {
		VMOVUPD_Z(mem, mask, dst)
		return
	}
	VMOVUPS_Z(mem, mask, dst)
}

// edge2 keeps masks in vectors. It emits the rows of each vector twice: with
// plain moves for those that lie inside, for masked ones take as long as a dozen
// of them.
type edge2 struct {
	element
	window, add   reg.GPVirtual // on the table of masks; all bits or none
	mask, addMask reg.VecVirtual
	whole         bool
}

func (m *edge2) begin(cols, add reg.GPVirtual) {
	m.window, m.add = GP64(), add
	m.bytes(cols)
	LEAQ(insideTable().Offset(maskBytes), m.window)
	SUBQ(cols, m.window)
	NEGQ(add)
}

func (m *edge2) each(v int, next string, rows func()) {
	m.mask, m.addMask = YMM(), YMM()
	all := XMM()
	VMOVQ(m.add, all)
	VPBROADCASTQ(all, m.addMask)
	CMPL(at(m.window, 32*v+28), operand.U8(0))
	JE(operand.LabelRef(next + "_partial"))
	m.whole = true
	rows()
	JMP(operand.LabelRef(next))
	Label(next + "_partial")
	VMOVDQU(at(m.window, 32*v), m.mask)
	VPAND(m.mask, m.addMask, m.addMask)
	m.whole = false
	rows()
}

func (m *edge2) load(mem operand.Mem, dst reg.Register) {
	if m.whole {
		m.element.load(mem, dst)
		return
	}
	m.masked(mem, m.mask, dst)
}

func (m *edge2) loadAddend(mem operand.Mem, dst reg.Register) {
	if m.whole {
		VANDPS(mem, m.addMask, dst)
		return
	}
	m.masked(mem, m.addMask, dst)
}

func (m *edge2) store(src reg.Register, mem operand.Mem) {
	if m.whole {
		m.element.load(src, mem)
		return
	}
	m.masked(src, m.mask, mem)
}

// masked moves what the mask covers.
func (m *edge2) masked(src, mask, dst operand.Op) {
	if m.size == 8 {
		VMASKMOVPD(src, mask, dst)
		return
	}
	VMASKMOVPS(src, mask, dst)
}

// maskBytes is the size of three vectors.
const maskBytes = 3 * 32

var inside *operand.Mem

// insideTable is the data section of the masks, made when it is first needed:
// maskBytes set bytes and as many clear ones. A window that starts before the
// first clear byte by the number of columns masks those.
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
