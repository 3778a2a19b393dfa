// Command gemm generates the micro-kernels of matrix products and convolutions,
// and the loops that pack their operands. Run it as
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
		for l := range levels() {
			kernel(e, l)
		}
		kernelPlaces(e)
		transpose(e)
		copyRuns(e)
		padRows(e)
		for l := range levels() {
			dots(e, l)
			combine(e, l)
		}
	}
	copyLanes()
	copyLines()
	transposeEights(1)
	transposeEights(3)
	build.Generate()
}
