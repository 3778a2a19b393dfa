// Command limits generates the loops that measure how many fused multiply-adds
// a processor completes: independent accumulators in registers, nothing from
// memory. Run it as
//
//	go -C internal/simd/gen run ./limits
package main

import (
	"flag"
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	for name, value := range map[string]string{"out": "../zlimits_amd64.s", "stubs": "../zlimits_amd64.go", "pkg": "simd"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	ConstraintExpr("amd64")
	peak("fmaLoopAVX512", 24, func() reg.VecVirtual { return ZMM() })
	peak("fmaLoopAVX2", 12, func() reg.VecVirtual { return YMM() })
	Generate()
}

// peak emits rounds × chains fused multiply-adds of float32.
func peak(name string, chains int, vector func() reg.VecVirtual) {
	TEXT(name, NOSPLIT, "func(rounds int)")
	Doc(fmt.Sprintf("%s runs rounds × %d independent vector multiply-adds.", name, chains))
	n := Load(Param("rounds"), GP64())
	zero := func(v reg.VecVirtual) {
		if v.Size() == 64 {
			VPXORD(v, v, v)
		} else {
			VXORPS(v, v, v)
		}
	}
	factor, sums := vector(), make([]reg.VecVirtual, chains)
	zero(factor)
	for i := range sums {
		sums[i] = vector()
		zero(sums[i])
	}
	Label("loop")
	for _, s := range sums {
		VFMADD231PS(factor, factor, s)
	}
	DECQ(n)
	JNZ(operand.LabelRef("loop"))
	VZEROUPPER()
	RET()
}
