package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// narrowGroups is how many vectors of four counts a tile has.
const narrowGroups = 8

// avx2 emits the loops for processors that count the bits of one word at a
// time: nibbles are looked up, 32 at once.
func avx2() {
	nibbles := GLOBL("nibbleBits", RODATA|NOPTR)
	DATA(0, U64(0x0302020102010100))
	DATA(8, U64(0x0403030203020201))

	TEXT("bitDifferencesAVX2", NOSPLIT, "func(counts, tiles, row *uint64, words, count int)")
	Doc("bitDifferencesAVX2 is bitDifferencesAVX512 for AVX2.")
	counts := Load(Param("counts"), GP64())
	eachNarrowTile(nibbles, func(sums [narrowGroups]reg.VecVirtual) {
		for i, s := range sums {
			VMOVDQU(s, Mem{Base: counts, Disp: 32 * i})
		}
		ADDQ(U32(32*narrowGroups), counts)
	})

	TEXT("bitDifferencesAtMostAVX2", NOSPLIT, "func(bits *uint32, limits *int64, tiles, row *uint64, words, count int)")
	Doc("bitDifferencesAtMostAVX2 is bitDifferencesAtMostAVX512 for AVX2.")
	bits, limits := Load(Param("bits"), GP64()), Load(Param("limits"), GP64())
	eachNarrowTile(nibbles, func(sums [narrowGroups]reg.VecVirtual) {
		above := GP32()
		four := GP32()
		for i, s := range sums {
			VPCMPGTQ(Mem{Base: limits, Disp: 32 * i}, s, s) // s > limit
			if i%2 == 0 {
				VMOVMSKPD(s, above)
				continue
			}
			VMOVMSKPD(s, four)
			SHLL(Imm(4), four)
			ORL(four, above)
			NOTL(above)
			MOVB(above.As8(), Mem{Base: bits, Disp: i / 2})
		}
		ADDQ(U32(32*narrowGroups), limits)
		ADDQ(Imm(4), bits)
	})

	TEXT("bitsOfAVX2", NOSPLIT, "func(dst *uint64, x *float32, words int, threshold float32)")
	Doc("bitsOfAVX2 is bitsOfAVX512 for AVX2.")
	dst, x, n := Load(Param("dst"), GP64()), Load(Param("x"), GP64()), Load(Param("words"), GP64())
	address, err := Param("threshold").Resolve()
	if err != nil {
		panic(err)
	}
	threshold, compared, mask := YMM(), YMM(), GP32()
	VBROADCASTSS(address.Addr, threshold)
	Label("loop")
	for i := range 8 {
		VCMPPS(Imm(18), Mem{Base: x, Disp: 32 * i}, threshold, compared) // threshold ≤ x, ordered and quiet
		VMOVMSKPS(compared, mask)
		MOVB(mask.As8(), Mem{Base: dst, Disp: i})
	}
	ADDQ(U32(256), x)
	ADDQ(Imm(8), dst)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// eachNarrowTile emits the loop over tiles, with their counts for store to
// take.
func eachNarrowTile(nibbles Mem, store func(sums [narrowGroups]reg.VecVirtual)) {
	tiles, row, words, count := Load(Param("tiles"), GP64()), Load(Param("row"), GP64()), Load(Param("words"), GP64()), Load(Param("count"), GP64())
	table, low, zero := YMM(), YMM(), YMM()
	VBROADCASTI128(nibbles, table)
	VPCMPEQB(low, low, low)
	VPSRLW(Imm(12), low, low) // 0x000F
	VPACKUSWB(low, low, low)  // 0x0F in each byte
	VPXOR(zero, zero, zero)
	var sums [narrowGroups]reg.VecVirtual
	for i := range sums {
		sums[i] = YMM()
	}
	word, at, left := YMM(), GP64(), GP64()
	Label("tile")
	for i := range sums {
		VPXOR(sums[i], sums[i], sums[i])
	}
	MOVQ(row, at)
	MOVQ(words, left)
	Label("loop")
	VPBROADCASTQ(Mem{Base: at}, word)
	for i := range sums {
		x, high := YMM(), YMM()
		VPXOR(Mem{Base: tiles, Disp: 32 * i}, word, x)
		VPSRLW(Imm(4), x, high)
		VPAND(low, x, x)
		VPAND(low, high, high)
		VPSHUFB(x, table, x)
		VPSHUFB(high, table, high)
		VPADDB(high, x, x)
		VPSADBW(zero, x, x)
		VPADDQ(x, sums[i], sums[i])
	}
	ADDQ(U32(32*narrowGroups), tiles)
	ADDQ(Imm(8), at)
	DECQ(left)
	JNZ(LabelRef("loop"))
	store(sums)
	DECQ(count)
	JNZ(LabelRef("tile"))
	VZEROUPPER()
	RET()
}
