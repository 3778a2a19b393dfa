package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transpose writes the kernel that turns each tile of a block: rows of pairs of
// steps become pairs of steps for each row, and the other way round.
func transpose() {
	TEXT("transposeTilesAVX512", NOSPLIT, "func(tiles *uint16)")
	Pragma("noescape")
	Doc("transposeTilesAVX512 transposes the tiles of a block of parts, which are matrices of 16 by 16 pairs.")
	at, left := Load(Param("tiles"), GP64()), GP64()
	MOVQ(operand.U32(2*parts), left)
	Label("tile")
	rows := make([]reg.VecVirtual, half)
	for i := range rows {
		rows[i] = ZMM()
		VMOVUPS(operand.Mem{Base: at, Disp: 64 * i}, rows[i])
	}
	both := func(a, b reg.VecVirtual, low, high func(a, b, dst reg.VecVirtual)) (l, h reg.VecVirtual) {
		l, h = ZMM(), ZMM()
		low(b, a, l)
		high(b, a, h)
		return l, h
	}
	// Elements, then pairs of them, within 16 bytes; then those, in two steps.
	for i := 0; i < half; i += 2 {
		rows[i], rows[i+1] = both(rows[i], rows[i+1],
			func(b, a, dst reg.VecVirtual) { VUNPCKLPS(b, a, dst) }, func(b, a, dst reg.VecVirtual) { VUNPCKHPS(b, a, dst) })
	}
	for i := 0; i < half; i += 4 {
		low := func(b, a, dst reg.VecVirtual) { VUNPCKLPD(b, a, dst) }
		high := func(b, a, dst reg.VecVirtual) { VUNPCKHPD(b, a, dst) }
		first, second := rows[i+1], rows[i+3]
		rows[i], rows[i+1] = both(rows[i], rows[i+2], low, high)
		rows[i+2], rows[i+3] = both(first, second, low, high)
	}
	even := func(b, a, dst reg.VecVirtual) { VSHUFF32X4(operand.U8(0x88), b, a, dst) }
	odd := func(b, a, dst reg.VecVirtual) { VSHUFF32X4(operand.U8(0xDD), b, a, dst) }
	for c := range 4 {
		x, y := both(rows[c], rows[4+c], even, odd)
		z, w := both(rows[8+c], rows[12+c], even, odd)
		rows[c], rows[8+c] = both(x, z, even, odd)
		rows[4+c], rows[12+c] = both(y, w, even, odd)
	}
	for i, row := range rows {
		VMOVUPS(row, operand.Mem{Base: at, Disp: 64 * i})
	}
	ADDQ(operand.I32(64*half), at)
	DECQ(left)
	JNE(operand.LabelRef("tile"))
	VZEROUPPER()
	RET()
}
