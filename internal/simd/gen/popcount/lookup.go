package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pairs is how many pairs of examples the loop for many takes at a time: the
// counts of four fill half of the registers.
const pairs = 4

type lookup struct{ bits, places, shifts Mem }

// tables emits the loop that makes tables from examples, one alone or two
// together.
func (l lookup) tables(name, doc string, step int) {
	signature := "func(tables *byte, row *uint64, words int)"
	rows := []string{"row"}
	if step > 1 {
		signature, rows = "func(tables *byte, first, second *uint64, words int)", []string{"first", "second"}
	}
	TEXT(name, NOSPLIT, signature)
	Doc(doc)
	tables, words := Load(Param("tables"), GP64()), Load(Param("words"), GP64())
	low, places, shifts, one, zero := lowNibbles(), YMM(), YMM(), YMM(), YMM()
	VBROADCASTI128(l.places, places)
	VMOVDQU(l.shifts, shifts)
	VPCMPEQB(one, one, one)
	VPABSB(one, one)
	VPXOR(zero, zero, zero)
	at, values, nibbles := make([]reg.Register, len(rows)), make([]reg.VecVirtual, len(rows)), make([]reg.VecVirtual, len(rows))
	for i, row := range rows {
		at[i], values[i], nibbles[i] = Load(Param(row), GP64()), YMM(), YMM()
		VBROADCASTI128(l.bits, values[i])
		if i == 1 {
			VPSLLW(Imm(4), values[i], values[i])
		}
	}
	byteOf := YMM()
	Label("loop")
	for i := range rows {
		VPBROADCASTQ(Mem{Base: at[i]}, nibbles[i])
		VPSRLVQ(shifts, nibbles[i], nibbles[i]) // the high halves of bytes in the upper lane
		VPAND(low, nibbles[i], nibbles[i])
		ADDQ(Imm(8), at[i])
	}
	VMOVDQA(zero, byteOf)
	for b := range 8 {
		var both reg.VecVirtual
		for i := range rows {
			x := YMM()
			VPSHUFB(byteOf, nibbles[i], x)
			VPXOR(places, x, x)
			VPSHUFB(x, values[i], x)
			if i > 0 {
				VPOR(both, x, x)
			}
			both = x
		}
		VMOVDQU(both.AsX(), Mem{Base: tables, Disp: 32 * step * b})
		VEXTRACTI128(Imm(1), both, Mem{Base: tables, Disp: 32*step*b + 16*step})
		if b < 7 {
			VPADDB(one, byteOf, byteOf)
		}
	}
	ADDQ(U32(256*step), tables)
	DECQ(words)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// one emits the loop for one example: 64 rows at a time.
func one() {
	TEXT("lookUpAVX2", NOSPLIT, "func(counts *uint16, columns, tables *byte, width, stride, count int)")
	Doc("lookUpAVX2 adds to counts[64t+32h], h < 2, the differing bits of rows 0, 2, …, 30 and then 1, 3, …, 31 of half h of tile t < count, over width bytes of each row, a multiple of 3 up to 30; tiles are stride bytes apart, the tables those of nibbleTablesAVX2.")
	counts, columns, tables := Load(Param("counts"), GP64()), Load(Param("columns"), GP64()), Load(Param("tables"), GP64())
	width, stride, count := Load(Param("width"), GP64()), Load(Param("stride"), GP64()), Load(Param("count"), GP64())
	low, bytes := lowNibbles(), lowBytes()
	var sums [2][2]reg.VecVirtual
	for h := range sums {
		sums[h] = [2]reg.VecVirtual{YMM(), YMM()}
	}
	at, table, left := GP64(), GP64(), GP64()
	Label("tile")
	for h := range sums {
		for n := range 2 {
			VPXOR(sums[h][n], sums[h][n], sums[h][n])
		}
	}
	MOVQ(columns, at)
	MOVQ(tables, table)
	MOVQ(width, left)
	Label("loop")
	for c := range 3 {
		var values [2]reg.VecVirtual
		for n := range 2 {
			values[n] = YMM()
			VBROADCASTI128(Mem{Base: table, Disp: 32*c + 16*n}, values[n])
		}
		for h := range sums {
			for n := range 2 {
				x := nibbles(Mem{Base: at, Disp: 64*c + 32*h}, n, low)
				VPSHUFB(x, values[n], x)
				VPADDB(x, sums[h][n], sums[h][n])
			}
		}
	}
	ADDQ(U32(3*64), at)
	ADDQ(U32(3*32), table)
	SUBQ(Imm(3), left)
	JNZ(LabelRef("loop"))
	for h, s := range sums {
		even, odd := YMM(), YMM()
		VPADDB(s[0], s[1], s[1])
		VPAND(bytes, s[1], even)
		VPSRLW(Imm(8), s[1], odd)
		addWords(even, Mem{Base: counts, Disp: 64 * h})
		addWords(odd, Mem{Base: counts, Disp: 64*h + 32})
	}
	ADDQ(U32(128), counts)
	ADDQ(stride, columns)
	DECQ(count)
	JNZ(LabelRef("tile"))
	VZEROUPPER()
	RET()
}

// nibbles loads the low or the high halves of 32 bytes.
func nibbles(m Mem, high int, low reg.VecVirtual) reg.VecVirtual {
	x := YMM()
	if high == 0 {
		VPAND(m, low, x)
		return x
	}
	VMOVDQU(m, x)
	VPSRLW(Imm(4), x, x)
	VPAND(low, x, x)
	return x
}

// many emits the loop for pairs of examples: 32 rows at a time. Three lookups
// fit a nibble, 12 at most, and are then added to the counts of the two
// examples. Those of the second are shifted as words, into which the first
// one's of the byte above fall; they are taken away at the end.
func many() {
	TEXT("lookUpPairsAVX2", NOSPLIT, "func(counts *uint16, columns, tables *byte, width, stride, halves int)")
	Doc("lookUpPairsAVX2 is lookUpAVX2 for eight examples, whose counts follow one another: counts[32(8h+e)] for example e and half-tile h < halves. The tables are those of nibbleTablesPairAVX2 for examples 0 and 1, and 16, 32 and 48 bytes further those of the other pairs.")
	counts, columns, tables := Load(Param("counts"), GP64()), Load(Param("columns"), GP64()), Load(Param("tables"), GP64())
	width, stride, halves := Load(Param("width"), GP64()), Load(Param("stride"), GP64()), Load(Param("halves"), GP64())
	low := lowNibbles()
	var first, second [pairs]reg.VecVirtual
	for p := range pairs {
		first[p], second[p] = YMM(), YMM()
	}
	at, table, left, step := GP64(), GP64(), GP64(), GP64()
	MOVQ(U32(32), step)
	Label("half")
	for p := range pairs {
		VPXOR(first[p], first[p], first[p])
		VPXOR(second[p], second[p], second[p])
	}
	MOVQ(columns, at)
	MOVQ(tables, table)
	MOVQ(width, left)
	Label("loop")
	for three := range 2 {
		var rows [3]reg.VecVirtual
		for i := range rows {
			n := 3*three + i
			rows[i] = nibbles(Mem{Base: at, Disp: 64 * (n / 2)}, n%2, low)
		}
		for p := range pairs {
			var sum reg.VecVirtual
			for i, row := range rows {
				x := YMM()
				VBROADCASTI128(Mem{Base: table, Disp: 16 * (pairs*(3*three+i) + p)}, x)
				VPSHUFB(row, x, x)
				if i > 0 {
					VPADDB(sum, x, x)
				}
				sum = x
			}
			high := YMM()
			VPSRLW(Imm(4), sum, high)
			VPAND(low, sum, sum)
			VPADDW(high, second[p], second[p])
			VPADDB(sum, first[p], first[p])
		}
	}
	ADDQ(U32(3*64), at)
	ADDQ(U32(3*32*pairs), table)
	SUBQ(Imm(3), left)
	JNZ(LabelRef("loop"))
	bytes := lowBytes()
	for p := range pairs {
		even, odd, above := YMM(), YMM(), YMM()
		to := func(i int) Mem { return Mem{Base: counts, Disp: 128*p + 32*i} }
		VPAND(bytes, first[p], even)
		VPSRLW(Imm(8), first[p], odd)
		VPSLLW(Imm(4), odd, above)
		VPSUBW(above, second[p], second[p])
		addWords(even, to(0))
		addWords(odd, to(1))
		VPAND(bytes, second[p], even)
		VPSRLW(Imm(8), second[p], odd)
		addWords(even, to(2))
		addWords(odd, to(3))
	}
	ADDQ(U32(128*pairs), counts)
	ADDQ(step, columns)
	SUBQ(stride, step) // to the other half of the tile, or the next tile
	NEGQ(step)
	DECQ(halves)
	JNZ(LabelRef("half"))
	VZEROUPPER()
	RET()
}
