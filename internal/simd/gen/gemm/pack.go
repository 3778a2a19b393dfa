package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transpose writes the packing of four lanes that lie apart: a turn of the
// loop reads one vector of steps from each lane and writes as many groups of
// four. It needs AVX only, and serves both levels.
func transpose(e element) {
	TEXT("transpose"+e.suffix, NOSPLIT, "func(dst *"+e.goType+", width int, src *"+e.goType+", ld, steps int)")
	Pragma("noescape")
	Doc("transpose" + e.suffix + " computes dst[p·width+i] = src[i·ld+p] for i in [0, 4), p in [0, steps); steps is a multiple of the lanes of a 256-bit vector.")
	dst, width := Load(Param("dst"), GP64()), Load(Param("width"), GP64())
	src, ld := Load(Param("src"), GP64()), Load(Param("ld"), GP64())
	steps := Load(Param("steps"), GP64())
	ld3 := GP64()
	SHLQ(operand.U8(log2(e.size)), width)
	SHLQ(operand.U8(log2(e.size)), ld)
	LEAQ(operand.Mem{Base: ld, Index: ld, Scale: 2}, ld3)
	Label("loop")
	x := [4]reg.VecVirtual{YMM(), YMM(), YMM(), YMM()}
	for i, m := range [4]operand.Mem{{Base: src}, {Base: src, Index: ld, Scale: 1}, {Base: src, Index: ld, Scale: 2}, {Base: src, Index: ld3, Scale: 1}} {
		e.load(m, x[i])
	}
	if e.size == 4 {
		transpose4x8(dst, width, x)
	} else {
		transpose4x4(dst, width, x)
	}
	ADDQ(operand.U8(32), src)
	SUBQ(operand.U8(32/e.size), steps)
	JG(operand.LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// transpose4x8 stores the eight columns of four vectors of float32.
func transpose4x8(dst, width reg.Register, x [4]reg.VecVirtual) {
	var pair, y [4]reg.VecVirtual
	for i := range pair {
		pair[i], y[i] = YMM(), YMM()
	}
	VUNPCKLPS(x[1], x[0], pair[0])
	VUNPCKHPS(x[1], x[0], pair[1])
	VUNPCKLPS(x[3], x[2], pair[2])
	VUNPCKHPS(x[3], x[2], pair[3])
	VUNPCKLPD(pair[2], pair[0], y[0])
	VUNPCKHPD(pair[2], pair[0], y[1])
	VUNPCKLPD(pair[3], pair[1], y[2])
	VUNPCKHPD(pair[3], pair[1], y[3])
	for _, v := range y {
		VMOVUPS(v.AsX(), at(dst, 0))
		ADDQ(width, dst)
	}
	for _, v := range y {
		VEXTRACTF128(operand.U8(1), v, at(dst, 0))
		ADDQ(width, dst)
	}
}

// transpose4x4 stores the four columns of four vectors of float64.
func transpose4x4(dst, width reg.Register, x [4]reg.VecVirtual) {
	var pair, y [4]reg.VecVirtual
	for i := range pair {
		pair[i], y[i] = YMM(), YMM()
	}
	VUNPCKLPD(x[1], x[0], pair[0])
	VUNPCKHPD(x[1], x[0], pair[1])
	VUNPCKLPD(x[3], x[2], pair[2])
	VUNPCKHPD(x[3], x[2], pair[3])
	VPERM2F128(operand.U8(0x20), pair[2], pair[0], y[0])
	VPERM2F128(operand.U8(0x20), pair[3], pair[1], y[1])
	VPERM2F128(operand.U8(0x31), pair[2], pair[0], y[2])
	VPERM2F128(operand.U8(0x31), pair[3], pair[1], y[3])
	for _, v := range y {
		VMOVUPD(v, at(dst, 0))
		ADDQ(width, dst)
	}
}
