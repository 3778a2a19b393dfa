// Command split generates the kernels of products by parts: those that split
// float32 into three bfloat16, and the micro-kernel that multiplies the parts
// with AMX. Run it as
//
//	go -C internal/simd/gen run ./split
package main

import (
	"flag"

	"github.com/mmcloughlin/avo/build"
)

// side is how many rows and columns of c a tile has, and how many steps of the
// sum a block of parts.
const side = 32

// parts is how many bfloat16 hold a float32.
const parts = 3

func main() {
	for name, value := range map[string]string{"out": "../zsplit_amd64.s", "stubs": "../zsplit_amd64.go", "pkg": "simd"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	build.ConstraintExpr("amd64")
	configuration()
	product()
	splitLanes()
	splitSteps()
	transpose()
	build.Generate()
}
