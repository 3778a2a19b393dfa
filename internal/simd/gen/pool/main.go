// Command pool generates the inner loops of the maxima of windows of 2×2 and of
// their pullback. Run it as
//
//	go -C internal/simd/gen run ./pool
package main

import (
	"flag"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lanes is how many windows a vector holds.
const lanes = 8

func main() {
	for name, value := range map[string]string{"out": "../zpool_amd64.s", "stubs": "../zpool_amd64.go", "pkg": "simd"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	ConstraintExpr("amd64")
	offsets := GLOBL("poolOffsets", RODATA|NOPTR)
	for i, n := range order {
		DATA(4*i, U32(n))
	}
	maxima(offsets)
	pull(offsets)
	Generate()
}

// Windows are taken in the order 0 1 4 5 2 3 6 7, that of the even elements of
// two vectors, and put in order at the end.
var order = [lanes]uint32{0, 2, 8, 10, 4, 6, 12, 14}

const inOrder = 0b11_01_10_00 // for VPERMPD

// row is what both loops know of the rows that they go down.
type row struct {
	cols, width, rows reg.Register
	at                reg.GPVirtual // place of the row's first window in its plane
	one, down         reg.VecVirtual
	offsets           Mem
}

func begin(offsets Mem) *row {
	r := &row{cols: Load(Param("cols"), GP64()), width: Load(Param("width"), GP64()), rows: Load(Param("rows"), GP64()), at: GP64(), one: YMM(), down: YMM(), offsets: offsets}
	VPCMPEQD(r.one, r.one, r.one)
	w := XMM()
	VMOVQ(r.width, w)
	VPBROADCASTD(w, r.down)
	XORQ(r.at, r.at)
	return r
}

// places returns the place of the first element of each window from column c
// of y on.
func (r *row) places(c reg.Register) reg.VecVirtual {
	at, low, v := GP64(), XMM(), YMM()
	LEAQ(Mem{Base: r.at, Index: c, Scale: 2}, at)
	VMOVQ(at, low)
	VPBROADCASTD(low, v)
	VPADDD(r.offsets, v, v)
	return v
}

// next goes on to the next row of windows, two of x.
func (r *row) next(x reg.Register) {
	LEAQ(Mem{Base: r.at, Index: r.width, Scale: 2}, r.at)
	LEAQ(Mem{Base: x, Index: r.width, Scale: 8}, x)
	DECQ(r.rows)
	JNE(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// entry is an element of each window, and its place.
type entry struct{ value, place reg.VecVirtual }

// larger is b where it is larger than a or NaN, else a.
func larger(a, b entry) entry {
	above, nan := YMM(), YMM()
	VCMPPS(U8(0x1E), a.value, b.value, above)
	VCMPPS(U8(3), b.value, b.value, nan)
	VORPS(nan, above, above)
	top := entry{YMM(), YMM()}
	VBLENDVPS(above, b.value, a.value, top.value)
	VBLENDVPS(above, b.place, a.place, top.place)
	return top
}

func maxima(offsets Mem) {
	TEXT("maxOfFourF32AVX2", NOSPLIT, "func(y *float32, index *int32, x *float32, cols, width, rows int)")
	Pragma("noescape")
	Doc("maxOfFourF32AVX2 computes MaxOfFour. It rounds cols up to 8, and so reads and writes beyond the end of each row;",
		"what it wrote beyond, the next row overwrites. index may be nil.")
	y, index, x := Load(Param("y"), GP64()), Load(Param("index"), GP64()), Load(Param("x"), GP64())
	r := begin(offsets)
	Label("row")
	c, lower := GP64(), GP64()
	XORQ(c, c)
	LEAQ(Mem{Base: x, Index: r.width, Scale: 4}, lower)
	Label("windows")
	place := r.places(c)
	pair := func(line reg.Register, place reg.VecVirtual) entry {
		a, b, second, even, odd := YMM(), YMM(), YMM(), YMM(), YMM()
		VMOVUPS(Mem{Base: line, Index: c, Scale: 8}, a)
		VMOVUPS(Mem{Base: line, Index: c, Scale: 8, Disp: 32}, b)
		VSHUFPS(U8(0x88), b, a, even)
		VSHUFPS(U8(0xDD), b, a, odd)
		VPSUBD(r.one, place, second)
		return larger(entry{even, place}, entry{odd, second})
	}
	upper := pair(x, place)
	below := YMM()
	VPADDD(r.down, place, below)
	top := larger(upper, pair(lower, below))
	VPERMPD(U8(inOrder), top.value, top.value)
	VPERMPD(U8(inOrder), top.place, top.place)
	VMOVUPS(top.value, Mem{Base: y, Index: c, Scale: 4})
	TESTQ(index, index)
	JE(LabelRef("unwanted"))
	VMOVUPS(top.place, Mem{Base: index, Index: c, Scale: 4})
	Label("unwanted")
	ADDQ(U8(lanes), c)
	CMPQ(c, r.cols)
	JLT(LabelRef("windows"))
	LEAQ(Mem{Base: y, Index: r.cols, Scale: 4}, y)
	TESTQ(index, index)
	JE(LabelRef("next"))
	LEAQ(Mem{Base: index, Index: r.cols, Scale: 4}, index)
	Label("next")
	r.next(x)
}

func pull(offsets Mem) {
	TEXT("maxOfFourPullF32AVX2", NOSPLIT, "func(dx, dy *float32, index *int32, cols, width, rows int)")
	Pragma("noescape")
	Doc("maxOfFourPullF32AVX2 computes MaxOfFourPull. It rounds cols up to 8, and so reads and writes beyond the end of each",
		"row; what it wrote beyond, the next row overwrites.")
	dx, dy, index := Load(Param("dx"), GP64()), Load(Param("dy"), GP64()), Load(Param("index"), GP64())
	r := begin(offsets)
	Label("row")
	c, line, half := GP64(), GP64(), GP64()
	MOVQ(dx, line)
	MOVQ(U32(2), half)
	first := GP64()
	MOVQ(r.at, first)
	Label("line") // the upper elements of the windows, then the lower
	XORQ(c, c)
	Label("windows")
	place, second, at, d := r.places(c), YMM(), YMM(), YMM()
	VPSUBD(r.one, place, second)
	VPERMPD(U8(inOrder), Mem{Base: index, Index: c, Scale: 4}, at)
	VPERMPD(U8(inOrder), Mem{Base: dy, Index: c, Scale: 4}, d)
	VPCMPEQD(at, place, place)
	VPCMPEQD(at, second, second)
	VANDPS(d, place, place)
	VANDPS(d, second, second)
	a, b := YMM(), YMM()
	VUNPCKLPS(second, place, a)
	VUNPCKHPS(second, place, b)
	VMOVUPS(a, Mem{Base: line, Index: c, Scale: 8})
	VMOVUPS(b, Mem{Base: line, Index: c, Scale: 8, Disp: 32})
	ADDQ(U8(lanes), c)
	CMPQ(c, r.cols)
	JLT(LabelRef("windows"))
	LEAQ(Mem{Base: line, Index: r.width, Scale: 4}, line)
	ADDQ(r.width, r.at)
	DECQ(half)
	JNE(LabelRef("line"))
	MOVQ(first, r.at)
	LEAQ(Mem{Base: dy, Index: r.cols, Scale: 4}, dy)
	LEAQ(Mem{Base: index, Index: r.cols, Scale: 4}, index)
	r.next(dx)
}
