package main

import (
	"github.com/gradus-ml/gradus/internal/simd/gen"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// finish stores tiles of c. Register R8 is the tile that waits, R9 the bytes from
// row to row, R15 the rows of it, RDX the sums of the tile under way; those of
// the other are where the argument says.
type finish struct {
	scale, floor reg.VecPhysical
	columns      [2]reg.VecPhysical
	inside       [2]reg.OpmaskPhysical
}

func newFinish() *finish {
	f := &finish{reg.Z0, reg.Z1, [2]reg.VecPhysical{reg.Z2, reg.Z3}, [2]reg.OpmaskPhysical{reg.K1, reg.K2}}
	Load(Param("c"), reg.R8)
	Load(Param("ldc"), reg.R9)
	SHLQ(operand.U8(2), reg.R9)
	VBROADCASTSS(param("scale"), f.scale)
	VBROADCASTSS(param("floor"), f.floor)
	Load(Param("cols"), reg.R12)
	MOVQ(operand.I32(-1), reg.R13)
	BZHIQ(reg.R12, reg.R13, reg.R13)
	KMOVW(reg.R13L, f.inside[0])
	SHRQ(operand.U8(16), reg.R13)
	KMOVW(reg.R13L, f.inside[1])
	Load(Param("addend"), reg.R11)
	SUBQ(reg.R8, reg.R11)
	Load(Param("bias"), reg.R12)
	for v, column := range f.columns {
		VXORPS(column, column, column)
		VADDPS_Z(operand.Mem{Base: reg.R12, Disp: 64 * v}, column, f.inside[v], column) // -0 becomes 0
	}
	return f
}

// prefetch asks for the rows of the tile under way: those after the rows of the
// one that waits.
func (f *finish) prefetch() {
	MOVQ(reg.R15, reg.R12)
	IMULQ(reg.R9, reg.R12)
	ADDQ(reg.R8, reg.R12)
	MOVQ(operand.U32(side), reg.R13)
	Label("prefetch")
	PREFETCHT0(operand.Mem{Base: reg.R12})
	PREFETCHT0(operand.Mem{Base: reg.R12, Disp: 64})
	ADDQ(reg.R9, reg.R12)
	DECQ(reg.R13)
	JNE(operand.LabelRef("prefetch"))
}

// wait makes the tile under way the one that waits, and turns to the other room
// for sums.
func (f *finish) wait() {
	MOVQ(operand.U32(side), reg.R15)
	CMPQ(reg.R10, reg.R15)
	CMOVQLT(reg.R10, reg.R15)
	SUBQ(reg.R15, reg.R10)
	MOVQ(param("sums"), reg.R12)
	MOVQ(reg.RDX, param("sums"))
	MOVQ(reg.R12, reg.RDX)
}

// rows stores the rows of the tile that waits, with no more to wait for.
func (f *finish) rows() {
	TESTQ(reg.R15, reg.R15)
	JEQ(operand.LabelRef("finished"))
	MOVQ(param("sums"), reg.R12)
	Load(Param("scales"), reg.R13)
	CMPQ(param("addend"), operand.U8(0))
	JNE(operand.LabelRef("addend"))
	f.both("plain", false)
	Label("addend")
	f.both("scaled", true)
	Label("finished")
}

// both stores the rows, added to c or in its place.
func (f *finish) both(name string, addend bool) {
	CMPQ(param("add"), operand.U8(0))
	JNE(operand.LabelRef(name + "_add"))
	f.store(name+"_replace", false, addend)
	Label(name + "_add")
	f.store(name+"_store", true, addend)
}

// store stores the rows. R11 is what lies between c and the addend.
func (f *finish) store(name string, add, addend bool) {
	factor := reg.Z9
	Label(name)
	if addend {
		VBROADCASTSS(operand.Mem{Base: reg.R13}, factor)
		ADDQ(operand.U8(4), reg.R13)
	}
	for v, column := range f.columns {
		sum, before, place := [2]reg.VecPhysical{reg.Z4, reg.Z5}[v], [2]reg.VecPhysical{reg.Z6, reg.Z7}[v], operand.Mem{Base: reg.R8, Disp: 64 * v}
		VMULPS(operand.Mem{Base: reg.R12, Disp: 64 * v}, f.scale, sum)
		if add {
			VMOVUPS_Z(place, f.inside[v], before)
			VADDPS(before, sum, sum)
		}
		VADDPS(column, sum, sum)
		if addend {
			VFMADD231PS(operand.Mem{Base: reg.R8, Index: reg.R11, Scale: 1, Disp: 64 * v}, factor, f.inside[v], sum)
		} else {
			VMAXPS(sum, f.floor, sum) // in this order NaN and zeros stay as they are
		}
		VMOVUPS(sum, f.inside[v], place)
	}
	ADDQ(reg.R9, reg.R8)
	ADDQ(reg.RBX, reg.R12)
	DECQ(reg.R15)
	JNE(operand.LabelRef(name))
	if addend {
		MOVQ(reg.R13, param("scales"))
	}
	JMP(operand.LabelRef("finished"))
}

// param is an argument in its place in the frame.
func param(name string) operand.Mem {
	return gen.Place(Param(name))
}
