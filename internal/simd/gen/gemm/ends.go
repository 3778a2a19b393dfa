package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// finish adds what is to be added, stores what lies inside c, and goes to the
// next tile.
func (k *tiles) finish(name string, sums [][]reg.VecVirtual) {
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
func (k *tiles) finishWhole(name string, sums [][]reg.VecVirtual) {
	bias, ldc, zero := argument("bias"), argument("ldc"), k.vector()
	columns := make([]reg.VecVirtual, len(sums[0]))
	VXORPS(zero, zero, zero)
	for v := range columns {
		columns[v] = k.vector()
		k.add(at(bias, k.width*v), zero, columns[v]) // -0 becomes 0, as in 0 + sum + bias
	}
	k.bytes(ldc)
	// store ends row by row, with last before a vector is stored.
	store := func(add bool, row func(i int), last func(v int, sum reg.Register)) {
		for i := range sums {
			row(i)
			for v, sum := range sums[i] {
				place := at(k.c, k.width*v)
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
	floor := k.vector()
	k.broadcast(param("floor"), floor)
	both(name, func(int) {}, func(_ int, sum reg.Register) {
		k.max(sum, floor, sum) // in this order NaN and zeros stay as they are
	})
	Label(name + "_addend")
	addend, scales, scale := argument("addend"), argument("scales"), k.vector()
	ADDQ(operand.U8(len(sums)*k.size), param("scales"))
	both(name+"_addend", func(i int) { k.broadcast(at(scales, i*k.size), scale) }, func(v int, sum reg.Register) {
		k.fma(operand.Mem{Base: k.c, Index: addend, Scale: 1, Disp: k.width * v}, scale, sum)
	})
}

// finishPart does so for any tile, one vector of columns after the other.
func (k *tiles) finishPart(name string, sums [][]reg.VecVirtual) {
	ldc, bias, add, row := argument("ldc"), argument("bias"), argument("add"), GP64()
	k.edge.begin(argument("cols"), add)
	for v := range sums[0] {
		next := fmt.Sprintf("%s_vector%d", name, v)
		column, addend := k.vector(), k.vector()
		k.edge.each(v, next, func() {
			k.edge.load(at(bias, k.width*v), column)
			MOVQ(k.c, row)
			for i := range sums {
				if i > 0 {
					CMPQ(k.rows, operand.U8(i))
					JLE(operand.LabelRef(next))
					LEAQ(operand.Mem{Base: row, Index: ldc, Scale: uint8(k.size)}, row)
				}
				sum, place := sums[i][v], at(row, k.width*v)
				k.edge.loadAddend(place, addend)
				k.add(addend, sum, sum)
				k.add(column, sum, sum)
				k.broadcast(param("floor"), addend)
				k.max(sum, addend, sum) // in this order NaN and zeros stay as they are
				k.edge.store(sum, place)
			}
		})
		Label(next)
	}
	LEAQ(operand.Mem{Base: row, Index: ldc, Scale: uint8(k.size)}, k.c)
}
