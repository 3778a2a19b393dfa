// Command elementwise generates the loops, the folds and the tables that choose
// them. Run it as
//
//	go -C internal/simd/gen run ./elementwise
package main

import (
	"flag"
	"os"

	"github.com/mmcloughlin/avo/build"
)

func main() {
	for name, value := range map[string]string{"out": "../zelementwise_amd64.s", "stubs": "../zelementwise_amd64.go", "pkg": "simd"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	build.ConstraintExpr("amd64")
	var entries []entry
	for _, e := range []*element{float32s(), float64s()} {
		for _, avx512 := range []bool{false, true} {
			m := &machine{element: e, avx512: avx512}
			entries = append(entries, loops(m)...)
			entries = append(entries, folds(m)...)
		}
	}
	build.TEXT("storeFence", build.NOSPLIT, "func()")
	build.SFENCE()
	build.RET()
	build.Generate()
	if err := os.WriteFile("../zkernels_amd64.go", tables(entries), 0o644); err != nil {
		panic(err)
	}
}
