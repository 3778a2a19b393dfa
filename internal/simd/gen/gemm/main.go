// Command gemm generates the micro-kernels of the matrix product and the
// transposition that packs its operands. Run it as
//
//	go -C internal/simd/gen run ./gemm
package main

import (
	"flag"

	"github.com/mmcloughlin/avo/build"
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
		transpose(e)
		copyRuns(e)
		padRows(e)
	}
	build.Generate()
}
