package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// dots writes the products of rows with a vector. Four rows share each load of
// the vector; each has two sums, taken in turns, to keep both units busy.
func dots(e element, l *level) {
	name, bytes, vector := "dots"+e.suffix+l.name, l.width, l.vector
	TEXT(name, NOSPLIT, fmt.Sprintf("func(y, x, m *%[1]s, ld, steps, rows int)", e.goType))
	Pragma("noescape")
	Doc(fmt.Sprintf("%s computes y[j] = Σ x[p]·m[j·ld+p] for j in [0, rows), p in [0, steps); rows is a multiple of 4, steps of %d.", name, 2*bytes/e.size))
	y, x := Load(Param("y"), GP64()), Load(Param("x"), GP64())
	m, ld := Load(Param("m"), GP64()), Load(Param("ld"), GP64())
	steps, rows := Load(Param("steps"), GP64()), Load(Param("rows"), GP64())
	SHLQ(operand.U8(log2(e.size)), ld)
	SHLQ(operand.U8(log2(e.size)), steps)
	ld3, p := GP64(), GP64()
	LEAQ(operand.Mem{Base: ld, Index: ld, Scale: 2}, ld3)
	Label("rows")
	var sums [4][2]reg.VecVirtual
	for i := range sums {
		for half := range sums[i] {
			s := vector()
			VXORPS(s, s, s)
			sums[i][half] = s
		}
	}
	var lines [4]reg.GPVirtual
	for i := range lines {
		lines[i] = GP64()
	}
	MOVQ(m, lines[0])
	LEAQ(operand.Mem{Base: m, Index: ld, Scale: 1}, lines[1])
	LEAQ(operand.Mem{Base: m, Index: ld, Scale: 2}, lines[2])
	LEAQ(operand.Mem{Base: m, Index: ld3, Scale: 1}, lines[3])
	XORQ(p, p)
	Label("steps")
	for half := range 2 {
		v := vector()
		e.load(operand.Mem{Base: x, Index: p, Scale: 1, Disp: half * bytes}, v)
		for i := range sums {
			e.fma(operand.Mem{Base: lines[i], Index: p, Scale: 1, Disp: half * bytes}, v, sums[i][half])
		}
	}
	ADDQ(operand.I32(2*bytes), p)
	CMPQ(p, steps)
	JLT(operand.LabelRef("steps"))
	for i := range sums {
		e.add(sums[i][1], sums[i][0], sums[i][0])
		e.storeSum(sums[i][0], at(y, i*e.size))
	}
	ADDQ(operand.U8(4*e.size), y)
	LEAQ(operand.Mem{Base: m, Index: ld, Scale: 4}, m)
	SUBQ(operand.U8(4), rows)
	JG(operand.LabelRef("rows"))
	VZEROUPPER()
	RET()
}

// storeSum adds the lanes of v, halving it as often as it takes.
func (e element) storeSum(v reg.VecVirtual, mem operand.Mem) {
	if v.Size() == 64 {
		high := YMM()
		VEXTRACTF64X4(operand.U8(1), v, high)
		e.add(high, v.AsY(), high)
		v = high
	}
	sum, other := XMM(), XMM()
	VEXTRACTF128(operand.U8(1), v, sum)
	e.add(v.AsX(), sum, sum)
	if e.size == 8 {
		VPERMILPD(operand.U8(1), sum, other)
		VADDSD(other, sum, sum)
		VMOVSD(sum, mem)
		return
	}
	VPERMILPS(operand.U8(0b1110), sum, other)
	VADDPS(other, sum, sum)
	VPERMILPS(operand.U8(0b01), sum, other)
	VADDSS(other, sum, sum)
	VMOVSS(sum, mem)
}

// combine writes the sums of rows weighted by a vector, eight vectors of
// columns at a time while there are as many, then one: sums stay in registers
// for all rows.
func combine(e element, l *level) {
	name, bytes, vector := "combine"+e.suffix+l.name, l.width, l.vector
	TEXT(name, NOSPLIT, fmt.Sprintf("func(y, x, m *%[1]s, ld, steps, cols int)", e.goType))
	Pragma("noescape")
	Doc(fmt.Sprintf("%s computes y[j] = Σ x[p]·m[p·ld+j] for j in [0, cols), p in [0, steps); cols is a multiple of %d.", name, bytes/e.size))
	y, x := Load(Param("y"), GP64()), Load(Param("x"), GP64())
	m, ld := Load(Param("m"), GP64()), Load(Param("ld"), GP64())
	steps, cols := Load(Param("steps"), GP64()), Load(Param("cols"), GP64())
	SHLQ(operand.U8(log2(e.size)), ld)
	SHLQ(operand.U8(log2(e.size)), cols)
	for _, vectors := range []int{8, 1} {
		label := func(part string) string { return fmt.Sprintf("%s%d", part, vectors) }
		Label(label("cols"))
		CMPQ(cols, operand.I32(vectors*bytes))
		JLT(operand.LabelRef(label("less")))
		sums := make([]reg.VecVirtual, vectors)
		for i := range sums {
			sums[i] = vector()
			VXORPS(sums[i], sums[i], sums[i])
		}
		line, p := GP64(), GP64()
		MOVQ(m, line)
		XORQ(p, p)
		Label(label("steps"))
		factor := vector()
		e.broadcast(operand.Mem{Base: x, Index: p, Scale: uint8(e.size)}, factor)
		for i := range sums {
			e.fma(at(line, i*bytes), factor, sums[i])
		}
		ADDQ(ld, line)
		INCQ(p)
		CMPQ(p, steps)
		JLT(operand.LabelRef(label("steps")))
		for i := range sums {
			e.load(sums[i], at(y, i*bytes))
		}
		ADDQ(operand.I32(vectors*bytes), y)
		ADDQ(operand.I32(vectors*bytes), m)
		SUBQ(operand.I32(vectors*bytes), cols)
		JMP(operand.LabelRef(label("cols")))
		Label(label("less"))
	}
	VZEROUPPER()
	RET()
}
