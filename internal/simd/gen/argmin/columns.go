package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// leastTwo writes the search down sixteen columns at a time. The next row is
// compared before the last one has settled, in either half.
func leastTwo() {
	TEXT("leastTwoAVX2", NOSPLIT, "func(at *int32, least, other, scores, rest, reach *float32, rows, columns, stride int)")
	Doc("leastTwoAVX2 is LeastTwo for columns in a multiple of 16, at least one, and rows so many bytes apart.")
	var results []reg.Register
	for _, name := range []string{"at", "least", "other"} {
		results = append(results, Load(Param(name), GP64()))
	}
	scores, rest, reach := Load(Param("scores"), GP64()), Load(Param("rest"), GP64()), Load(Param("reach"), GP64())
	rows, columns, stride := Load(Param("rows"), GP64()), Load(Param("columns"), GP64()), Load(Param("stride"), GP64())
	one := YMM()
	VPCMPEQD(one, one, one)
	VPSRLD(operand.U8(31), one, one)

	type half struct{ reach, best, at, least, other reg.VecVirtual }
	halves := []half{{YMM(), YMM(), YMM(), YMM(), YMM()}, {YMM(), YMM(), YMM(), YMM(), YMM()}}
	row, k, score := YMM(), GP64(), GP64()
	Label("columns")
	for i, h := range halves {
		VMOVUPS(operand.Mem{Base: reach, Disp: 32 * i}, h.reach)
		VXORPS(h.at, h.at, h.at)
		VPCMPEQD(h.best, h.best, h.best)
		VPSRLD(operand.U8(24), h.best, h.best)
		VPSLLD(operand.U8(23), h.best, h.best) // +Inf
		VMOVAPS(h.best, h.least)
		VMOVAPS(h.best, h.other)
	}
	VXORPS(row, row, row)
	XORQ(k, k)
	MOVQ(scores, score)
	Label("rows")
	slack := YMM()
	VBROADCASTSS(operand.Mem{Base: rest, Index: k, Scale: 4}, slack)
	for i, h := range halves {
		v, sum, below := YMM(), YMM(), YMM()
		VMOVUPS(operand.Mem{Base: score, Disp: 32 * i}, v)
		VMOVAPS(v, sum)
		VFMADD231PS(slack, h.reach, sum)
		VCMPPS(less, h.best, sum, below)
		VBLENDVPS(below, sum, h.best, h.best)
		VBLENDVPS(below, row, h.at, h.at)
		loser := sum
		VBLENDVPS(below, h.least, v, loser)
		VBLENDVPS(below, v, h.least, h.least)
		VMINPS(h.other, loser, h.other) // loser where it is below, so that NaN is passed over
	}
	VPADDD(one, row, row)
	ADDQ(stride, score)
	INCQ(k)
	CMPQ(k, rows)
	JL(operand.LabelRef("rows"))
	for i, h := range halves {
		for j, v := range []reg.VecVirtual{h.at, h.least, h.other} {
			VMOVUPS(v, operand.Mem{Base: results[j], Disp: 32 * i})
		}
	}
	for _, p := range append(results, scores, reach) {
		ADDQ(operand.I32(64), p)
	}
	SUBQ(operand.I32(16), columns)
	JG(operand.LabelRef("columns"))
	VZEROUPPER()
	RET()
}
