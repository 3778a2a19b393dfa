// Command popcount generates the inner loops of products of bits: exclusive or,
// population count, sum. Those for AVX-512 need the vector population count,
// VPOPCNTDQ. Run it as
//
//	go -C internal/simd/gen run ./popcount
package main

import (
	"flag"

	"github.com/gradus-ml/gradus/internal/simd/gen"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// groups is how many vectors of eight counts a tile has. Four independent sums
// hide the latency of each.
const groups = 4

func main() {
	for name, value := range map[string]string{"out": "../zpopcount_amd64.s", "stubs": "../zpopcount_amd64.go", "pkg": "simd"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	ConstraintExpr("amd64")

	TEXT("bitDifferencesAVX512", NOSPLIT, "func(counts, tiles, row *uint64, words, count int)")
	Doc("bitDifferencesAVX512 sets counts[32t+j] = Σ_k popcount(tiles[32(words·t+k)+j] ^ row[k]) for j < 32 and t < count; words and count are at least 1.")
	counts := Load(Param("counts"), GP64())
	eachTile(func(sums [groups]reg.VecVirtual) {
		for i, s := range sums {
			VMOVDQU64(s, Mem{Base: counts, Disp: 64 * i})
		}
		ADDQ(U32(64*groups), counts)
	})

	TEXT("bitDifferencesAtMostAVX512", NOSPLIT, "func(bits *uint32, limits *int64, tiles, row *uint64, words, count int)")
	Doc("bitDifferencesAtMostAVX512 sets bit j of bits[t] where the count of bitDifferencesAVX512 is at most limits[32t+j], as signed numbers.")
	bits, limits := Load(Param("bits"), GP64()), Load(Param("limits"), GP64())
	eachTile(func(sums [groups]reg.VecVirtual) {
		for i, s := range sums {
			k := K()
			VPCMPQ(Imm(2), Mem{Base: limits, Disp: 64 * i}, s, k) // s ≤ limit
			KMOVB(k, Mem{Base: bits, Disp: i})
		}
		ADDQ(U32(64*groups), limits)
		ADDQ(Imm(4), bits)
	})
	signs("bitsOfAVX512", ZMM(), func(dst, x reg.Register, threshold reg.VecVirtual) {
		for i := range 4 {
			k := K()
			VCMPPS(thresholdAtMost, Mem{Base: x, Disp: 64 * i}, threshold, k)
			KMOVW(k, Mem{Base: dst, Disp: 2 * i})
		}
	})
	avx2()
	Generate()
}

// eachTile emits the loop over tiles, with their counts for store to take.
func eachTile(store func(sums [groups]reg.VecVirtual)) {
	tiles, row, words, count := Load(Param("tiles"), GP64()), Load(Param("row"), GP64()), Load(Param("words"), GP64()), Load(Param("count"), GP64())
	var sums [groups]reg.VecVirtual
	for i := range sums {
		sums[i] = ZMM()
	}
	word, at, left := ZMM(), GP64(), GP64()
	Label("tile")
	for i := range sums {
		VPXORQ(sums[i], sums[i], sums[i])
	}
	MOVQ(row, at)
	MOVQ(words, left)
	Label("loop")
	VPBROADCASTQ(Mem{Base: at}, word)
	for i := range sums {
		x := ZMM()
		VPXORQ(Mem{Base: tiles, Disp: 64 * i}, word, x)
		VPOPCNTQ(x, x)
		VPADDQ(x, sums[i], sums[i])
	}
	ADDQ(U32(64*groups), tiles)
	ADDQ(Imm(8), at)
	DECQ(left)
	JNZ(LabelRef("loop"))
	store(sums)
	DECQ(count)
	JNZ(LabelRef("tile"))
	VZEROUPPER()
	RET()
}

// thresholdAtMost is threshold ≤ x, ordered and quiet.
const thresholdAtMost = U8(18)

// signs emits the comparison of whole words of floats with one number, 64
// elements at a time.
func signs(name string, threshold reg.VecVirtual, compare func(dst, x reg.Register, threshold reg.VecVirtual)) {
	TEXT(name, NOSPLIT, "func(dst *uint64, x *float32, words int, threshold float32)")
	Doc(name + " sets bit i of dst where x[i] >= threshold, for 64·words elements; words is at least 1.")
	dst, x, n := Load(Param("dst"), GP64()), Load(Param("x"), GP64()), Load(Param("words"), GP64())
	VBROADCASTSS(gen.Place(Param("threshold")), threshold)
	Label("loop")
	compare(dst, x, threshold)
	ADDQ(U32(256), x)
	ADDQ(Imm(8), dst)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
