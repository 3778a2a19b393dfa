// Command argmin generates the loops that find the nearest of many centers, for
// float32 and whole vectors: what is left over is done in Go. Run it as
//
//	go -C internal/simd/gen run ./argmin
package main

import (
	"flag"
	"fmt"

	"github.com/gradus-ml/gradus/internal/simd/gen"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	for name, value := range map[string]string{"out": "../zargmin_amd64.s", "stubs": "../zargmin_amd64.go", "pkg": "simd"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	ConstraintExpr("amd64")
	for _, l := range []level{{"AVX512", 64, func() reg.VecVirtual { return ZMM() }}, {"AVX2", 32, func() reg.VecVirtual { return YMM() }}} {
		l.distances("fourDistances", 4)
		l.distances("twoDistances", 2)
		l.smallest()
		l.firstEqual()
		l.countAtMost()
		l.addWide()
		l.addFourWide()
	}
	leastTwo()
	magnitudes()
	fetch()
	Generate()
}

// Quiet comparisons.
const equal, less, atMost = operand.U8(0), operand.U8(17), operand.U8(18)

// level writes instructions for vectors of so many bytes.
type level struct {
	name  string
	bytes int
	vec   func() reg.VecVirtual
}

func (l level) clear(v reg.VecVirtual) {
	if l.bytes == 64 {
		VPXORD(v, v, v)
	} else {
		VXORPS(v, v, v)
	}
}

// each runs step for whole vectors while fewer bytes than n are done; at counts
// the bytes.
func (l level) each(n reg.Register, bytes int, step func(at reg.Register)) {
	at := GP64()
	XORQ(at, at)
	Label("loop")
	CMPQ(at, n)
	JGE(operand.LabelRef("end"))
	step(at)
	ADDQ(operand.I32(bytes), at)
	JMP(operand.LabelRef("loop"))
	Label("end")
}

// halve folds a vector with an operation until one element is left.
func (l level) halve(op func(ops ...operand.Op), v reg.VecVirtual) reg.Register {
	if l.bytes == 64 {
		high := YMM()
		VEXTRACTF64X4(operand.U8(1), v, high)
		op(high, v.AsY(), v.AsY())
	}
	high := XMM()
	VEXTRACTF128(operand.U8(1), v.AsY(), high)
	x := v.AsX()
	op(high, x, x)
	VPERMILPS(operand.U8(0b1110), x, high)
	op(high, x, x)
	VPERMILPS(operand.U8(1), x, high)
	op(high, x, x)
	return x
}

func three(f func(a, b, c operand.Op)) func(...operand.Op) {
	return func(ops ...operand.Op) { f(ops[0], ops[1], ops[2]) }
}

// distances writes the squared distances of x to a few rows, each in as many
// partial sums as make eight in all: one sum would wait for itself.
func (l level) distances(name string, rows int) {
	partial := 8 / rows
	TEXT(name+l.name, NOSPLIT, fmt.Sprintf("func(x, y *float32, stride, bytes int, out *[%d]float32)", rows))
	Doc(fmt.Sprintf("%s%s adds up (x[i] − y[i])² for %d rows of y, so many bytes apart. bytes is a multiple of %d.", name, l.name, rows, 64))
	x, stride, n := Load(Param("x"), GP64()), Load(Param("stride"), GP64()), Load(Param("bytes"), GP64())
	ys := []reg.Register{Load(Param("y"), GP64())}
	for i := 1; i < rows; i++ {
		next := GP64()
		MOVQ(ys[i-1], next)
		ADDQ(stride, next)
		ys = append(ys, next)
	}
	sums := make([]reg.VecVirtual, rows*partial)
	for i := range sums {
		sums[i] = l.vec()
		l.clear(sums[i])
	}
	add := func(at reg.Register, vectors int) {
		for j := range vectors {
			v := l.vec()
			VMOVUPS(operand.Mem{Base: x, Index: at, Scale: 1, Disp: j * l.bytes}, v)
			for i, y := range ys {
				d := l.vec()
				VSUBPS(operand.Mem{Base: y, Index: at, Scale: 1, Disp: j * l.bytes}, v, d)
				VFMADD231PS(d, d, sums[i*partial+j])
			}
		}
	}
	at, block := GP64(), partial*l.bytes
	XORQ(at, at)
	SUBQ(operand.I32(block), n)
	Label("blocks")
	CMPQ(at, n)
	JG(operand.LabelRef("rest"))
	add(at, partial)
	ADDQ(operand.I32(block), at)
	JMP(operand.LabelRef("blocks"))
	Label("rest")
	ADDQ(operand.I32(block), n)
	Label("vectors")
	CMPQ(at, n)
	JGE(operand.LabelRef("end"))
	add(at, 1)
	ADDQ(operand.I32(l.bytes), at)
	JMP(operand.LabelRef("vectors"))
	Label("end")
	out := Load(Param("out"), GP64())
	for i := range ys {
		sum := sums[i*partial]
		for _, other := range sums[i*partial+1 : (i+1)*partial] {
			VADDPS(other, sum, sum)
		}
		VMOVSS(l.halve(three(func(a, b, c operand.Op) { VADDPS(a, b, c) }), sum), operand.Mem{Base: out, Disp: 4 * i})
	}
	VZEROUPPER()
	RET()
}

// smallest writes the minimum of scores[i] + r·rest[i].
func (l level) smallest() {
	TEXT("smallest"+l.name, NOSPLIT, "func(scores, rest *float32, bytes int, r float32) float32")
	Doc("smallest" + l.name + " returns the least scores[i] + r·rest[i], rounded once, of at least one vector.")
	scores, rest, n := Load(Param("scores"), GP64()), Load(Param("rest"), GP64()), Load(Param("bytes"), GP64())
	r, best := l.broadcast("r"), l.vec()
	VMOVUPS(operand.Mem{Base: scores}, best)
	VFMADD231PS(operand.Mem{Base: rest}, r, best)
	l.each(n, l.bytes, func(at reg.Register) {
		v := l.vec()
		VMOVUPS(operand.Mem{Base: scores, Index: at, Scale: 1}, v)
		VFMADD231PS(operand.Mem{Base: rest, Index: at, Scale: 1}, r, v)
		VMINPS(best, v, best)
	})
	x := l.halve(three(func(a, b, c operand.Op) { VMINPS(a, b, c) }), best)
	VZEROUPPER()
	Store(x, ReturnIndex(0))
	RET()
}

func (l level) broadcast(name string) reg.VecVirtual {
	v := l.vec()
	VBROADCASTSS(gen.Place(Param(name)), v)
	return v
}

// compare leaves in mask the lanes where a ∘ b, for a quiet predicate.
func (l level) compare(predicate operand.U8, a, b reg.VecVirtual, mask reg.Register) {
	if l.bytes == 64 {
		k := K()
		VCMPPS(predicate, b, a, k)
		KMOVW(k, mask)
		return
	}
	c := YMM()
	VCMPPS(predicate, b, a, c)
	VMOVMSKPS(c, mask)
}

// firstEqual writes the search for what smallest has found.
func (l level) firstEqual() {
	TEXT("firstEqual"+l.name, NOSPLIT, "func(scores, rest *float32, bytes int, r, value float32) int")
	Doc("firstEqual" + l.name + " returns the first i where scores[i] + r·rest[i], rounded once, is value, or −1.")
	scores, rest, n := Load(Param("scores"), GP64()), Load(Param("rest"), GP64()), Load(Param("bytes"), GP64())
	r, value := l.broadcast("r"), l.broadcast("value")
	mask, at := GP32(), GP64()
	XORQ(at, at)
	Label("loop")
	CMPQ(at, n)
	JGE(operand.LabelRef("end"))
	v := l.vec()
	VMOVUPS(operand.Mem{Base: scores, Index: at, Scale: 1}, v)
	VFMADD231PS(operand.Mem{Base: rest, Index: at, Scale: 1}, r, v)
	l.compare(equal, v, value, mask)
	TESTL(mask, mask)
	JNZ(operand.LabelRef("found"))
	ADDQ(operand.I32(l.bytes), at)
	JMP(operand.LabelRef("loop"))
	Label("found")
	TZCNTL(mask, mask)
	SHRQ(operand.U8(2), at)
	ADDQ(mask.As64(), at)
	VZEROUPPER()
	Store(at, ReturnIndex(0))
	RET()
	Label("end")
	MOVQ(operand.I32(-1), at)
	VZEROUPPER()
	Store(at, ReturnIndex(0))
	RET()
}

// countAtMost writes the count of scores that no limit rules out.
func (l level) countAtMost() {
	TEXT("countAtMost"+l.name, NOSPLIT, "func(scores *float32, bytes int, limit float32) int")
	Doc("countAtMost" + l.name + " counts the scores that are at most limit.")
	scores, n, limit := Load(Param("scores"), GP64()), Load(Param("bytes"), GP64()), l.broadcast("limit")
	total := GP64()
	XORQ(total, total)
	l.each(n, l.bytes, func(at reg.Register) {
		v, mask := l.vec(), GP32()
		VMOVUPS(operand.Mem{Base: scores, Index: at, Scale: 1}, v)
		l.compare(atMost, v, limit, mask)
		POPCNTL(mask, mask)
		ADDQ(mask.As64(), total)
	})
	VZEROUPPER()
	Store(total, ReturnIndex(0))
	RET()
}
