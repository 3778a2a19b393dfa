// Command elementwise generates the loops, the folds and the tables that choose
// them. Run it as
//
//	go -C internal/simd/gen run ./elementwise
package main

import (
	"flag"
	"os"
	"slices"
	"strings"

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
	if err := pruneSelfMoves("../zelementwise_amd64.s"); err != nil {
		panic(err)
	}
	if err := os.WriteFile("../zkernels_amd64.go", tables(entries), 0o644); err != nil {
		panic(err)
	}
}

// pruneSelfMoves removes from a file the moves of a vector to itself: copies
// that the allocation of registers made needless. avo prunes those of general
// registers only.
func pruneSelfMoves(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	lines := slices.DeleteFunc(strings.SplitAfter(string(text), "\n"), func(line string) bool {
		f := strings.Fields(line)
		return len(f) == 3 && (f[0] == "VMOVUPS" || f[0] == "VMOVUPD") && f[1] == f[2]+","
	})
	return os.WriteFile(name, []byte(strings.Join(lines, "")), 0o644)
}
