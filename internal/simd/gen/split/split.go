package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// splitter holds what splitting needs in registers.
type splitter struct{ scale, factor reg.VecVirtual }

func newSplitter() *splitter {
	s := &splitter{ZMM(), ZMM()}
	VBROADCASTSS(param("scale"), s.scale)
	c := GP32()
	MOVL(operand.U32(math.Float32bits(1<<16+1)), c)
	VPBROADCASTD(c, s.factor)
	return s
}

// split scales x and leaves its parts, each a float32 whose last 16 bits are 0.
// The part is what is left of x times 2¹⁶ + 1 less that less x, which is x to
// eight bits (Veltkamp).
func (s *splitter) split(x reg.VecVirtual) [parts]reg.VecVirtual {
	VMULPS(s.scale, x, x)
	var out [parts]reg.VecVirtual
	for i := range parts - 1 {
		wide, rest := ZMM(), ZMM()
		VMULPS(s.factor, x, wide)
		VSUBPS(x, wide, rest)
		VSUBPS(rest, wide, wide)
		VSUBPS(wide, x, x)
		out[i] = wide
	}
	out[parts-1] = x
	return out
}

// splitLanes writes the kernel for lanes.
func splitLanes() {
	TEXT("splitLanesAVX512", NOSPLIT, "func(dst *uint16, x *float32, stride int, scale float32)")
	Pragma("noescape")
	Doc("splitLanesAVX512 splits 32 lanes of 32 steps, so many elements apart: a row of a tile is a lane.")
	dst, x, stride := Load(Param("dst"), GP64()), Load(Param("x"), GP64()), Load(Param("stride"), GP64())
	SHLQ(operand.U8(2), stride)
	s := newSplitter()
	upper := ZMM()
	VMOVDQU64(words(), upper)
	rows := GP64()
	MOVQ(operand.U32(side), rows)
	Label("row")
	first, second := ZMM(), ZMM()
	VMOVUPS(operand.Mem{Base: x}, first)
	VMOVUPS(operand.Mem{Base: x, Disp: 64}, second)
	low, high := s.split(first), s.split(second)
	for p := range parts {
		VPERMT2W(high[p], upper, low[p])
		VMOVDQU64(low[p], operand.Mem{Base: dst, Disp: p * partBytes})
	}
	ADDQ(stride, x)
	ADDQ(operand.U8(64), dst)
	DECQ(rows)
	JNE(operand.LabelRef("row"))
	VZEROUPPER()
	RET()
}

// words are the upper words of the elements of two vectors.
func words() operand.Mem {
	m := GLOBL("upperWords", RODATA|NOPTR)
	for i := range 32 {
		DATA(2*i, operand.U16(2*i+1))
	}
	return m
}

// splitSteps writes the kernel for steps.
func splitSteps() {
	TEXT("splitStepsAVX512", NOSPLIT, "func(dst *uint16, x *float32, stride int, scale float32)")
	Pragma("noescape")
	Doc("splitStepsAVX512 splits 32 steps of 32 lanes, so many elements apart: a row of a tile is a pair of steps, lane by lane.")
	dst, x, stride := Load(Param("dst"), GP64()), Load(Param("x"), GP64()), Load(Param("stride"), GP64())
	SHLQ(operand.U8(2), stride)
	s := newSplitter()
	keep, c := ZMM(), GP32()
	MOVL(operand.U32(0xFFFF0000), c)
	VPBROADCASTD(c, keep)
	pairs := GP64()
	MOVQ(operand.U32(side/2), pairs)
	Label("pair")
	for half := range 2 {
		even, odd := ZMM(), ZMM()
		VMOVUPS(operand.Mem{Base: x, Disp: 64 * half}, even)
		VMOVUPS(operand.Mem{Base: x, Index: stride, Scale: 1, Disp: 64 * half}, odd)
		low, high := s.split(even), s.split(odd)
		for p := range parts {
			VPSRLD(operand.U8(16), low[p], low[p])
			VPTERNLOGD(operand.U8(0xF8), keep, high[p], low[p]) // low | high & keep
			VMOVDQU64(low[p], operand.Mem{Base: dst, Disp: p*partBytes + half*partBytes/2})
		}
	}
	LEAQ(operand.Mem{Base: x, Index: stride, Scale: 2}, x)
	ADDQ(operand.U8(64), dst)
	DECQ(pairs)
	JNE(operand.LabelRef("pair"))
	VZEROUPPER()
	RET()
}
