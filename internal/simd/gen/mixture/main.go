// Command mixture generates the pass over the rows of a mixture, for AVX2 and
// groups of four rows: what is left over is done in Go. Memory bounds it, so
// processors with wider vectors run it, too. Run it as
//
//	go -C internal/simd/gen run ./mixture
package main

import (
	"flag"

	"github.com/gradus-ml/gradus/internal/simd/gen"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// ahead is how many bytes ahead of the rows memory is asked for.
const ahead = 2048

func main() {
	for name, value := range map[string]string{"out": "../zmixture_amd64.s", "stubs": "../zmixture_amd64.go", "pkg": "simd"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	ConstraintExpr("amd64")
	mixture()
	Generate()
}

// columns calls step for each whole vector of the columns, then for the rest
// under a mask.
func columns(label string, bytes, whole reg.Register, mask reg.VecVirtual, step func(at reg.Register, load func(mem operand.Mem) reg.VecVirtual)) {
	at := GP64()
	XORQ(at, at)
	Label(label)
	CMPQ(at, whole)
	JGE(operand.LabelRef(label + "Rest"))
	step(at, func(mem operand.Mem) reg.VecVirtual {
		v := YMM()
		VMOVUPD(mem, v)
		return v
	})
	ADDQ(operand.I32(32), at)
	JMP(operand.LabelRef(label))
	Label(label + "Rest")
	CMPQ(at, bytes)
	JGE(operand.LabelRef(label + "End"))
	step(at, func(mem operand.Mem) reg.VecVirtual {
		v := YMM()
		VMASKMOVPD(mem, mask, v)
		return v
	})
	Label(label + "End")
}

func mixture() {
	TEXT("mixtureAVX2", NOSPLIT, "func(sums, weights, rows *float64, mask *[4]int64, cols, groups int, product *[4]float64, least float64) (left int)")
	Doc("mixtureAVX2 does groups of four rows until a density, or the product of them, is not at least least, and returns how many are left.")
	sums, weights := Load(Param("sums"), GP64()), Load(Param("weights"), GP64())
	rows := []reg.Register{Load(Param("rows"), GP64())}
	mask, maskAt := YMM(), Load(Param("mask"), GP64())
	VMOVUPD(operand.Mem{Base: maskAt}, mask)
	bytes, whole := Load(Param("cols"), GP64()), GP64()
	SHLQ(operand.U8(3), bytes)
	MOVQ(bytes, whole)
	ANDQ(operand.I32(-32), whole)
	groups := Load(Param("groups"), GP64())
	productAt := Load(Param("product"), GP64())
	product, least, one := YMM(), YMM(), YMM()
	VMOVUPD(operand.Mem{Base: productAt}, product)
	VBROADCASTSD(gen.Place(Param("least")), least)
	ones := GP64()
	MOVQ(operand.U64(0x3ff0000000000000), ones)
	VMOVQ(ones, one.AsX())
	VBROADCASTSD(one.AsX(), one)
	for i := 1; i < 4; i++ {
		next := GP64()
		LEAQ(operand.Mem{Base: rows[i-1], Index: bytes, Scale: 1}, next)
		rows = append(rows, next)
	}

	Label("group")
	TESTQ(groups, groups)
	JZ(operand.LabelRef("done"))
	dots := make([]reg.VecVirtual, 4)
	for i := range dots {
		dots[i] = YMM()
		VXORPD(dots[i], dots[i], dots[i])
	}
	columns("dot", bytes, whole, mask, func(at reg.Register, load func(operand.Mem) reg.VecVirtual) {
		w := YMM()
		VMOVUPD(operand.Mem{Base: weights, Index: at, Scale: 1}, w)
		for i, row := range rows {
			PREFETCHT0(operand.Mem{Base: row, Index: at, Scale: 1, Disp: ahead})
			VFMADD231PD(load(operand.Mem{Base: row, Index: at, Scale: 1}), w, dots[i])
		}
	})
	// (lane 0 + lane 1) + (lane 2 + lane 3) of each row, one row a lane.
	left, right, low, high := YMM(), YMM(), YMM(), YMM()
	VHADDPD(dots[1], dots[0], left)
	VHADDPD(dots[3], dots[2], right)
	VPERM2F128(operand.U8(0x20), right, left, low)
	VPERM2F128(operand.U8(0x31), right, left, high)
	density := YMM()
	VADDPD(high, low, density)

	next, enough, both := YMM(), YMM(), YMM()
	VMULPD(density, product, next)
	VCMPPD(operand.U8(29), least, density, enough) // ≥, quietly; false for NaN
	VCMPPD(operand.U8(29), least, next, both)
	VANDPD(enough, both, both)
	all := GP32()
	VMOVMSKPD(both, all)
	CMPL(all, operand.U8(15))
	JNE(operand.LabelRef("done"))
	VMOVAPD(next, product)

	inverse := YMM()
	VDIVPD(density, one, inverse)
	shares := make([]reg.VecVirtual, 4)
	for i := range shares {
		shares[i] = YMM()
		VPERMPD(operand.U8(i*0b01010101), inverse, shares[i])
	}
	columns("sum", bytes, whole, mask, func(at reg.Register, load func(operand.Mem) reg.VecVirtual) {
		sum := YMM()
		for i, row := range rows {
			x := load(operand.Mem{Base: row, Index: at, Scale: 1})
			if i == 0 {
				VMULPD(shares[0], x, sum)
				continue
			}
			VFMADD231PD(shares[i], x, sum)
		}
		to := operand.Mem{Base: sums, Index: at, Scale: 1}
		VADDPD(to, sum, sum)
		VMOVUPD(sum, to)
	})
	for _, row := range rows {
		LEAQ(operand.Mem{Base: row, Index: bytes, Scale: 4}, row)
	}
	DECQ(groups)
	JMP(operand.LabelRef("group"))
	Label("done")
	VMOVUPD(product, operand.Mem{Base: productAt})
	VZEROUPPER()
	Store(groups, ReturnIndex(0))
	RET()
}
