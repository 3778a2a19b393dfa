package main

import (
	"github.com/gradus-ml/gradus/internal/simd/gen"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// magnitudes folds bit patterns without the sign. Memory bounds it, so
// processors with wider vectors run it, too.
func magnitudes() {
	TEXT("magnitudesAVX2", NOSPLIT, "func(x *float32, bytes int, out *[2][8]uint32)")
	Doc("magnitudesAVX2 lowers out[0] to the least |x| in bits, less one, and raises out[1] to the largest, 16 elements at a time.")
	l := level{"AVX2", 32, func() reg.VecVirtual { return YMM() }}
	x, n, out := Load(Param("x"), GP64()), Load(Param("bytes"), GP64()), Load(Param("out"), GP64())
	ones, magnitude := YMM(), YMM()
	VPCMPEQD(ones, ones, ones)
	VPSRLD(operand.U8(1), ones, magnitude)
	var least, most [2]reg.VecVirtual
	for i := range least {
		least[i], most[i] = YMM(), YMM()
		VMOVDQU(operand.Mem{Base: out}, least[i])
		VMOVDQU(operand.Mem{Base: out, Disp: 32}, most[i])
	}
	l.each(n, 64, func(at reg.Register) {
		PREFETCHT0(operand.Mem{Base: x, Index: at, Scale: 1, Disp: 2048})
		for i := range least {
			bits, less := YMM(), YMM()
			VPAND(operand.Mem{Base: x, Index: at, Scale: 1, Disp: 32 * i}, magnitude, bits)
			VPADDD(ones, bits, less)
			VPMINUD(less, least[i], least[i])
			VPMAXUD(bits, most[i], most[i])
		}
	})
	VPMINUD(least[1], least[0], least[0])
	VPMAXUD(most[1], most[0], most[0])
	VMOVDQU(least[0], operand.Mem{Base: out})
	VMOVDQU(most[0], operand.Mem{Base: out, Disp: 32})
	VZEROUPPER()
	RET()
}

// addWide writes the sum of float32 in float64.
func (l level) addWide() {
	TEXT("addWide"+l.name, NOSPLIT, "func(sum *float64, x *float32, bytes int, s float64)")
	Doc("addWide" + l.name + " computes sum[i] += s·x[i], rounded once, for so many bytes of sum.")
	sum, x, n := Load(Param("sum"), GP64()), Load(Param("x"), GP64()), Load(Param("bytes"), GP64())
	s := l.vec()
	VBROADCASTSD(gen.Place(Param("s")), s)
	half := GP64()
	l.each(n, l.bytes, func(at reg.Register) {
		v, total := l.vec(), l.vec()
		MOVQ(at, half)
		SHRQ(operand.U8(1), half)
		VCVTPS2PD(operand.Mem{Base: x, Index: half, Scale: 1}, v)
		VMOVUPD(operand.Mem{Base: sum, Index: at, Scale: 1}, total)
		VFMADD231PD(s, v, total)
		VMOVUPD(total, operand.Mem{Base: sum, Index: at, Scale: 1})
	})
	VZEROUPPER()
	RET()
}

// addFourWide writes the sum of four rows of float32 in float64. The rows are
// anywhere in memory, so the next four are fetched meanwhile.
func (l level) addFourWide() {
	TEXT("addFourWide"+l.name, NOSPLIT, "func(sum *float64, x *float32, starts, next *[4]int, bytes int)")
	Doc("addFourWide"+l.name+" computes sum[i] += x[starts[0]+i], then x[starts[1]+i] and so on, for so many bytes of x,", "16 elements at a time, and fetches the rows at next.")
	sum, x, n := Load(Param("sum"), GP64()), Load(Param("x"), GP64()), Load(Param("bytes"), GP64())
	rows := func(name string) (list []reg.Register) {
		starts := Load(Param(name), GP64())
		for i := range 4 {
			row := GP64()
			MOVQ(operand.Mem{Base: starts, Disp: 8 * i}, row)
			LEAQ(operand.Mem{Base: x, Index: row, Scale: 4}, row)
			list = append(list, row)
		}
		return list
	}
	now, next := rows("starts"), rows("next")
	l.each(n, 64, func(at reg.Register) {
		for _, row := range next {
			PREFETCHT0(operand.Mem{Base: row, Index: at, Scale: 1})
		}
		for disp := 0; disp < 128; disp += l.bytes {
			total := l.vec()
			to := operand.Mem{Base: sum, Index: at, Scale: 2, Disp: disp}
			VMOVUPD(to, total)
			for _, row := range now {
				v := l.vec()
				VCVTPS2PD(operand.Mem{Base: row, Index: at, Scale: 1, Disp: disp / 2}, v)
				VADDPD(v, total, total)
			}
			VMOVUPD(total, to)
		}
	})
	VZEROUPPER()
	RET()
}

// fetch asks for memory ahead of its use.
func fetch() {
	TEXT("fetchLines", NOSPLIT, "func(x *byte, bytes int)")
	Doc("fetchLines asks for the cache lines of so many bytes, at least one.")
	x, n := Load(Param("x"), GP64()), Load(Param("bytes"), GP64())
	Label("loop")
	PREFETCHT0(operand.Mem{Base: x})
	ADDQ(operand.I32(64), x)
	SUBQ(operand.I32(64), n)
	JG(operand.LabelRef("loop"))
	RET()
}
