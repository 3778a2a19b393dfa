package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// ends holds what the end of a tile needs.
type ends struct {
	ldc, bias, add, window, row    reg.GPVirtual
	mask, addMask, column, operand reg.VecVirtual
}

// finish adds what is to be added, stores what lies inside c, and goes to the
// next tile.
func (k *tiles2) finish(name string, sums [][]reg.VecVirtual) {
	CMPQ(k.rows, operand.U8(len(sums)))
	JLT(operand.LabelRef(name + "_part"))
	CMPQ(param("cols"), operand.U8(len(sums[0])*k.lanes()))
	JLT(operand.LabelRef(name + "_part"))
	k.finishWhole(name, sums)
	Label(name + "_part")
	k.finishPart(name, sums)
	Label(name + "_next")
}

// finishWhole does so for a tile that lies inside, as nearly all do.
func (k *tiles2) finishWhole(name string, sums [][]reg.VecVirtual) {
	bias, ldc, zero := argument("bias"), argument("ldc"), YMM()
	columns := make([]reg.VecVirtual, len(sums[0]))
	VXORPS(zero, zero, zero)
	for v := range columns {
		columns[v] = YMM()
		k.add(at(bias, 32*v), zero, columns[v]) // -0 becomes 0, as in 0 + sum + bias
	}
	k.bytes(ldc)
	// store ends row by row, with last before a vector is stored.
	store := func(add bool, row func(i int), last func(v int, sum reg.Register)) {
		for i := range sums {
			row(i)
			for v, sum := range sums[i] {
				place := at(k.c, 32*v)
				if add {
					k.add(place, sum, sum)
				}
				k.add(columns[v], sum, sum)
				last(v, sum)
				k.load(sum, place)
			}
			ADDQ(ldc, k.c)
		}
		JMP(operand.LabelRef(name + "_next"))
	}
	both := func(name string, row func(i int), last func(v int, sum reg.Register)) {
		CMPQ(param("add"), operand.U8(0))
		JNE(operand.LabelRef(name + "_add"))
		store(false, row, last)
		Label(name + "_add")
		store(true, row, last)
	}
	CMPQ(param("addend"), operand.U8(0))
	JNE(operand.LabelRef(name + "_addend"))
	floor := YMM()
	k.broadcast(param("floor"), floor)
	both(name, func(int) {}, func(_ int, sum reg.Register) {
		k.max(sum, floor, sum) // in this order NaN and zeros stay as they are
	})
	Label(name + "_addend")
	addend, scales, scale := argument("addend"), argument("scales"), YMM()
	ADDQ(operand.U8(len(sums)*k.size), param("scales"))
	both(name+"_addend", func(i int) { k.broadcast(at(scales, i*k.size), scale) }, func(v int, sum reg.Register) {
		k.fma(operand.Mem{Base: k.c, Index: addend, Scale: 1, Disp: 32 * v}, scale, sum)
	})
}

// finishPart does so for any tile, one vector of columns after the other. It
// emits the rows of each twice: with plain moves for vectors that lie inside,
// for masked ones take as long as a dozen of them.
func (k *tiles2) finishPart(name string, sums [][]reg.VecVirtual) {
	e := &ends{ldc: argument("ldc"), bias: argument("bias"), add: argument("add"), window: GP64(), row: GP64()}
	cols := argument("cols")
	k.bytes(cols)
	LEAQ(insideTable().Offset(maskBytes), e.window)
	SUBQ(cols, e.window)
	NEGQ(e.add)
	for v := range sums[0] {
		next := fmt.Sprintf("%s_vector%d", name, v)
		e.mask, e.addMask, e.column, e.operand = YMM(), YMM(), YMM(), YMM()
		all := XMM()
		VMOVQ(e.add, all)
		VPBROADCASTQ(all, e.addMask)
		CMPL(at(e.window, 32*v+28), operand.U8(0))
		JE(operand.LabelRef(next + "_partial"))
		k.finishVector(e, v, next, sums, true)
		JMP(operand.LabelRef(next))
		Label(next + "_partial")
		VMOVDQU(at(e.window, 32*v), e.mask)
		VPAND(e.mask, e.addMask, e.addMask)
		k.finishVector(e, v, next, sums, false)
		Label(next)
	}
	LEAQ(operand.Mem{Base: e.row, Index: e.ldc, Scale: uint8(k.size)}, k.c)
}

// finishVector does so for vector v of each row, of which the whole or a part
// lies inside, and jumps to next if not all rows do.
func (k *tiles2) finishVector(e *ends, v int, next string, sums [][]reg.VecVirtual, whole bool) {
	if whole {
		k.load(at(e.bias, 32*v), e.column)
	} else {
		k.masked(at(e.bias, 32*v), e.mask, e.column)
	}
	MOVQ(k.c, e.row)
	for i := range sums {
		if i > 0 {
			CMPQ(k.rows, operand.U8(i))
			JLE(operand.LabelRef(next))
			LEAQ(operand.Mem{Base: e.row, Index: e.ldc, Scale: uint8(k.size)}, e.row)
		}
		sum, place := sums[i][v], at(e.row, 32*v)
		if whole {
			VANDPS(place, e.addMask, e.operand)
		} else {
			k.masked(place, e.addMask, e.operand)
		}
		k.add(e.operand, sum, sum)
		k.add(e.column, sum, sum)
		k.broadcast(param("floor"), e.operand)
		k.max(sum, e.operand, sum) // in this order NaN and zeros stay as they are
		if whole {
			k.load(sum, place)
		} else {
			k.masked(sum, e.mask, place)
		}
	}
}

// masked moves what the mask covers.
func (k *tiles2) masked(src, mask, dst operand.Op) {
	if k.size == 8 {
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
