// Command gemm generates the micro-kernels of matrix products and convolutions,
// and the loops that pack their operands. Run it as
//
//	go -C internal/simd/gen run ./gemm
package main

import (
	"flag"
	"iter"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	for name, value := range map[string]string{"out": "../zgemm_amd64.s", "stubs": "../zgemm_amd64.go", "pkg": "simd"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	build.ConstraintExpr("amd64")
	for _, e := range elements {
		kernelAVX512(e)
		kernelAVX2(e)
		kernelPlaces(e)
		transpose(e)
		copyRuns(e)
		padRows(e)
		for level, vector := range vectors() {
			dots(e, level, vector)
			combine(e, level, vector)
		}
	}
	copyLanes()
	copyLines()
	transposeEights(1)
	transposeEights(3)
	build.Generate()
}

// vectors yields the levels and their vectors.
func vectors() iter.Seq2[string, func() reg.VecVirtual] {
	return func(yield func(string, func() reg.VecVirtual) bool) {
		_ = yield("AVX512", build.ZMM) && yield("AVX2", build.YMM)
	}
}
