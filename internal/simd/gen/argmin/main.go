// Command argmin generates the loops that find the nearest of many centers, for
// float32 and whole vectors: what is left over is done in Go. Run it as
//
//	go -C internal/simd/gen run ./argmin
package main

import (
	"flag"
	"fmt"

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
	at, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	v := l.vec()
	VBROADCASTSS(at.Addr, v)
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

// leastTwo writes the search down sixteen columns at a time. The next row is
// compared before the last one has settled, in either half.
func leastTwo() {
	TEXT("leastTwoAVX2", NOSPLIT, "func(at *int32, least, other, scores, rest, reach *float32, rows, columns, stride int)")
	Doc("leastTwoAVX2 is LeastTwo for columns in a multiple of 16, at least one, and rows so many bytes apart.")
	var results []reg.Register
	for _, name := range []string{"at", "least", "other"} {
		results = append(results, Load(Param(name), GP64()))
	}
	scores, rest, reach := Load(Param("scores"), GP64()), Load(Param("rest"), GP64()), Load(Param("reach"), GP64())
	rows, columns, stride := Load(Param("rows"), GP64()), Load(Param("columns"), GP64()), Load(Param("stride"), GP64())
	one := YMM()
	VPCMPEQD(one, one, one)
	VPSRLD(operand.U8(31), one, one)

	type half struct{ reach, best, at, least, other reg.VecVirtual }
	halves := []half{{YMM(), YMM(), YMM(), YMM(), YMM()}, {YMM(), YMM(), YMM(), YMM(), YMM()}}
	row, k, score := YMM(), GP64(), GP64()
	Label("columns")
	for i, h := range halves {
		VMOVUPS(operand.Mem{Base: reach, Disp: 32 * i}, h.reach)
		VXORPS(h.at, h.at, h.at)
		VPCMPEQD(h.best, h.best, h.best)
		VPSRLD(operand.U8(24), h.best, h.best)
		VPSLLD(operand.U8(23), h.best, h.best) // +Inf
		VMOVAPS(h.best, h.least)
		VMOVAPS(h.best, h.other)
	}
	VXORPS(row, row, row)
	XORQ(k, k)
	MOVQ(scores, score)
	Label("rows")
	slack := YMM()
	VBROADCASTSS(operand.Mem{Base: rest, Index: k, Scale: 4}, slack)
	for i, h := range halves {
		v, sum, below := YMM(), YMM(), YMM()
		VMOVUPS(operand.Mem{Base: score, Disp: 32 * i}, v)
		VMOVAPS(v, sum)
		VFMADD231PS(slack, h.reach, sum)
		VCMPPS(less, h.best, sum, below)
		VBLENDVPS(below, sum, h.best, h.best)
		VBLENDVPS(below, row, h.at, h.at)
		loser := sum
		VBLENDVPS(below, h.least, v, loser)
		VBLENDVPS(below, v, h.least, h.least)
		VMINPS(h.other, loser, h.other) // loser where it is below, so that NaN is passed over
	}
	VPADDD(one, row, row)
	ADDQ(stride, score)
	INCQ(k)
	CMPQ(k, rows)
	JL(operand.LabelRef("rows"))
	for i, h := range halves {
		for j, v := range []reg.VecVirtual{h.at, h.least, h.other} {
			VMOVUPS(v, operand.Mem{Base: results[j], Disp: 32 * i})
		}
	}
	for _, p := range append(results, scores, reach) {
		ADDQ(operand.I32(64), p)
	}
	SUBQ(operand.I32(16), columns)
	JG(operand.LabelRef("columns"))
	VZEROUPPER()
	RET()
}

// addWide writes the sum of float32 in float64.
func (l level) addWide() {
	TEXT("addWide"+l.name, NOSPLIT, "func(sum *float64, x *float32, bytes int, s float64)")
	Doc("addWide" + l.name + " computes sum[i] += s·x[i], rounded once, for so many bytes of sum.")
	sum, x, n := Load(Param("sum"), GP64()), Load(Param("x"), GP64()), Load(Param("bytes"), GP64())
	at, err := Param("s").Resolve()
	if err != nil {
		panic(err)
	}
	s := l.vec()
	VBROADCASTSD(at.Addr, s)
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
