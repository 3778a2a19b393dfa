package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// avx2 emits the loops for processors that cannot count the bits of vectors.
// What four bits of an example differ in from any four bits of a row is a table
// of 16 bytes, and the rows' bits are the indices into it, 32 rows at once: two
// instructions for 128 products. Two examples share a lookup, one in the low
// half of each byte of the table, one in the high half.
func avx2() {
	look := lookup{
		bits:   constant("nibbleBits", 0x0302020102010100, 0x0403030203020201),
		places: constant("nibblePlaces", 0x0706050403020100, 0x0F0E0D0C0B0A0908),
		shifts: constant("nibbleShifts", 0, 0, 4, 4),
	}
	look.tables("nibbleTablesAVX2", "nibbleTablesAVX2 writes, for each byte c of row, the 16 bytes popcount(i ^ c&15) and the 16 bytes popcount(i ^ c>>4), i < 16; words is at least 1.", 1)
	look.tables("nibbleTablesPairAVX2", "nibbleTablesPairAVX2 writes, for each byte c of first and d of second, popcount(i ^ c&15) + 16·popcount(i ^ d&15), i < 16, and 64 bytes behind it the same of c>>4 and d>>4; the next byte's are 128 bytes further. words is at least 1.", pairs)
	one()
	many()
	atMost()
	signs("bitsOfAVX2", YMM(), func(dst, x reg.Register, threshold reg.VecVirtual) {
		compared, mask := YMM(), GP32()
		for i := range 8 {
			VCMPPS(thresholdAtMost, Mem{Base: x, Disp: 32 * i}, threshold, compared)
			VMOVMSKPS(compared, mask)
			MOVB(mask.As8(), Mem{Base: dst, Disp: i})
		}
	})
}

// constant makes read-only data of 64-bit words.
func constant(name string, words ...uint64) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i, w := range words {
		DATA(8*i, U64(w))
	}
	return m
}

// lowNibbles makes the mask 0x0F of each byte, lowBytes 0x00FF of each word.
func lowNibbles() reg.VecVirtual {
	low := YMM()
	VPCMPEQB(low, low, low)
	VPSRLW(Imm(12), low, low)
	VPACKUSWB(low, low, low)
	return low
}

func lowBytes() reg.VecVirtual {
	low := YMM()
	VPCMPEQB(low, low, low)
	VPSRLW(Imm(8), low, low)
	return low
}

// addWords adds 16 counts to those in memory.
func addWords(x reg.VecVirtual, to Mem) {
	VPADDW(to, x, x)
	VMOVDQU(x, to)
}

// atMost emits the comparison of counts with limits.
func atMost() {
	TEXT("countsAtMostAVX2", NOSPLIT, "func(set *uint32, counts *uint16, limits *int16, stride, halves int)")
	Doc("countsAtMostAVX2 sets bit 2i of set[h] where counts[i] of half-tile h is at most limits[32h+i] and bit 2i+1 where counts[16+i] is at most limits[32h+16+i], i < 16; half-tiles are stride bytes apart in counts, at least 1.")
	set, counts, limits := Load(Param("set"), GP64()), Load(Param("counts"), GP64()), Load(Param("limits"), GP64())
	stride, halves := Load(Param("stride"), GP64()), Load(Param("halves"), GP64())
	even, odd, above := YMM(), YMM(), GP32()
	Label("loop")
	VMOVDQU(Mem{Base: counts}, even)
	VMOVDQU(Mem{Base: counts, Disp: 32}, odd)
	VPCMPGTW(Mem{Base: limits}, even, even) // count > limit
	VPCMPGTW(Mem{Base: limits, Disp: 32}, odd, odd)
	VPSRLW(Imm(8), even, even)
	VPSLLW(Imm(8), odd, odd)
	VPOR(even, odd, odd)
	VPMOVMSKB(odd, above)
	NOTL(above)
	MOVL(above, Mem{Base: set})
	ADDQ(stride, counts)
	ADDQ(Imm(64), limits)
	ADDQ(Imm(4), set)
	DECQ(halves)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
