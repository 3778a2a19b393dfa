package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transpose writes the packing of four lanes: a turn of the inner loop reads
// one vector of steps from each lane and writes as many groups of four. It
// needs AVX only, and serves both levels.
func transpose(e element) {
	TEXT("transpose"+e.suffix, NOSPLIT, fmt.Sprintf("func(dst *%[1]s, width int, src *%[1]s, starts *int, rows, rowStride, rowSteps int)", e.goType))
	Pragma("noescape")
	Doc("transpose"+e.suffix+" computes dst[(r·rowSteps+p)·width+i] = src[starts[i]+r·rowStride+p] for i in [0, 4),",
		"r in [0, rows), p in [0, rowSteps). It rounds rowSteps up to a whole 256-bit vector, and so reads and writes",
		"beyond the end of each row; what it wrote beyond, the next row overwrites.")
	dst, width := Load(Param("dst"), GP64()), Load(Param("width"), GP64())
	src, rows := Load(Param("src"), GP64()), Load(Param("rows"), GP64())
	starts, stride, count := Load(Param("starts"), GP64()), Load(Param("rowStride"), GP64()), Load(Param("rowSteps"), GP64())
	for _, r := range []reg.Register{width, stride} {
		SHLQ(operand.U8(log2(e.size)), r)
	}
	var lanes [4]reg.GPVirtual
	for i := range lanes {
		lanes[i] = GP64()
		MOVQ(at(starts, 8*i), lanes[i])
		LEAQ(operand.Mem{Base: src, Index: lanes[i], Scale: uint8(e.size)}, lanes[i])
	}
	out := &steps{base: GP64(), width: width, width3: GP64()}
	LEAQ(operand.Mem{Base: width, Index: width, Scale: 2}, out.width3)
	Label("row")
	p := GP64()
	MOVQ(dst, out.base)
	XORQ(p, p)
	Label("steps")
	var x [4]reg.VecVirtual
	for i := range x {
		x[i] = YMM()
		e.load(operand.Mem{Base: lanes[i], Index: p, Scale: uint8(e.size)}, x[i])
	}
	if e.size == 4 {
		transpose4x8(out, x)
	} else {
		transpose4x4(out, x)
	}
	ADDQ(operand.U8(32/e.size), p)
	CMPQ(p, count)
	JLT(operand.LabelRef("steps"))
	for i := range lanes {
		ADDQ(stride, lanes[i])
	}
	MOVQ(count, p)
	IMULQ(width, p)
	ADDQ(p, dst)
	DECQ(rows)
	JNE(operand.LabelRef("row"))
	VZEROUPPER()
	RET()
}

// transposeEights writes the packing of so many times eight lanes of float32:
// the halves of a vector are four steps of two lanes, four lanes apart, so that
// a step of eight is one vector.
func transposeEights(groups int) {
	name := fmt.Sprintf("transpose%d", 8*groups)
	TEXT(name, NOSPLIT, "func(dst *float32, width int, src *float32, stride, steps int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s computes dst[p·width+i] = src[i·stride+p] for i in [0, %d), p in [0, steps); steps is a positive multiple of 8.", name, 8*groups))
	dst, width := Load(Param("dst"), GP64()), Load(Param("width"), GP64())
	src, stride, count := Load(Param("src"), GP64()), Load(Param("stride"), GP64()), Load(Param("steps"), GP64())
	SHLQ(operand.U8(2), width)
	SHLQ(operand.U8(2), stride)
	out := &steps{base: dst, width: width, width3: GP64()}
	LEAQ(operand.Mem{Base: width, Index: width, Scale: 2}, out.width3)
	stride3 := GP64()
	LEAQ(operand.Mem{Base: stride, Index: stride, Scale: 2}, stride3)
	fours := make([]*steps, 2*groups) // of lanes
	for i := range fours {
		fours[i] = &steps{base: src, width: stride, width3: stride3}
		if i > 0 {
			fours[i].base = GP64()
			LEAQ(operand.Mem{Base: fours[i-1].base, Index: stride, Scale: 4}, fours[i].base)
		}
	}
	x := [4]reg.VecVirtual{YMM(), YMM(), YMM(), YMM()}
	Label("turn")
	for part := range 2 {
		for g := range groups {
			for i := range x {
				low, high := fours[2*g].at(i), fours[2*g+1].at(i)
				low.Disp, high.Disp = 16*part, 16*part
				VMOVUPS(low, x[i].AsX())
				VINSERTF128(operand.U8(1), high, x[i], x[i])
			}
			for i, v := range transposed(x) {
				VMOVUPS(v, out.at(i).Offset(32*g))
			}
		}
		out.advance()
	}
	for _, f := range fours {
		ADDQ(operand.U8(32), f.base)
	}
	SUBQ(operand.U8(8), count)
	JG(operand.LabelRef("turn"))
	VZEROUPPER()
	RET()
}

// steps addresses four steps of a panel at a time.
type steps struct{ base, width, width3 reg.Register }

func (s *steps) at(i int) operand.Mem {
	return [4]operand.Mem{
		{Base: s.base},
		{Base: s.base, Index: s.width, Scale: 1},
		{Base: s.base, Index: s.width, Scale: 2},
		{Base: s.base, Index: s.width3, Scale: 1},
	}[i]
}

func (s *steps) advance() { LEAQ(operand.Mem{Base: s.base, Index: s.width, Scale: 4}, s.base) }

// runBytes is the length of the longest run that copyRuns moves.
const runBytes = 64

// copyRuns writes the packing of lanes that lie in runs, the same for every
// step. It moves runs of full length, whatever theirs is: what is too much, the
// next run or the next step overwrites.
func copyRuns(e element) {
	TEXT("copyRuns"+e.suffix, NOSPLIT, fmt.Sprintf("func(dst *%[1]s, width int, src *%[1]s, starts *int, steps int, runs *int, count int)", e.goType))
	Pragma("noescape")
	Doc(fmt.Sprintf("copyRuns%s copies %d elements from src[starts[p]+r.From] to dst[p·width+r.Lane] for each step p and each run r of count, whose Lane and", e.suffix, runBytes/e.size),
		"From are the first two of its three integers, in this order.")
	dst, width := Load(Param("dst"), GP64()), Load(Param("width"), GP64())
	src, starts, steps := Load(Param("src"), GP64()), Load(Param("starts"), GP64()), Load(Param("steps"), GP64())
	runs, count := Load(Param("runs"), GP64()), Load(Param("count"), GP64())
	SHLQ(operand.U8(log2(e.size)), width)
	Label("step")
	from, run, left := GP64(), GP64(), GP64()
	MOVQ(at(starts, 0), from)
	LEAQ(operand.Mem{Base: src, Index: from, Scale: uint8(e.size)}, from)
	MOVQ(runs, run)
	MOVQ(count, left)
	Label("run")
	lane, offset := GP64(), GP64()
	MOVQ(at(run, 0), lane)
	MOVQ(at(run, 8), offset)
	for half := 0; half < runBytes; half += 32 {
		x := YMM()
		e.load(operand.Mem{Base: from, Index: offset, Scale: uint8(e.size), Disp: half}, x)
		e.load(x, operand.Mem{Base: dst, Index: lane, Scale: uint8(e.size), Disp: half})
	}
	ADDQ(operand.U8(24), run)
	DECQ(left)
	JNE(operand.LabelRef("run"))
	ADDQ(width, dst)
	ADDQ(operand.U8(8), starts)
	DECQ(steps)
	JNE(operand.LabelRef("step"))
	VZEROUPPER()
	RET()
}

// copyLanes writes the packing of lanes that lie one after the other.
func copyLanes() {
	TEXT("copyLanes", NOSPLIT, "func(dst *byte, width int, src *byte, stride, steps int)")
	Pragma("noescape")
	Doc("copyLanes copies width bytes, a multiple of 16, from src+p·stride to dst+p·width for p in [0, steps).")
	dst, width := Load(Param("dst"), GP64()), Load(Param("width"), GP64())
	src, stride, steps := Load(Param("src"), GP64()), Load(Param("stride"), GP64()), Load(Param("steps"), GP64())
	pairs, i := GP64(), GP64()
	CMPQ(width, operand.U8(3*32))
	JNE(operand.LabelRef("any"))
	copyThree(dst, src, stride, steps)
	Label("any")
	MOVQ(width, pairs)
	ANDQ(operand.I8(-32), pairs)
	Label("step")
	XORQ(i, i)
	CMPQ(i, pairs)
	JE(operand.LabelRef("last"))
	Label("pair")
	x, half := YMM(), XMM()
	VMOVUPS(operand.Mem{Base: src, Index: i, Scale: 1}, x)
	VMOVUPS(x, operand.Mem{Base: dst, Index: i, Scale: 1})
	ADDQ(operand.U8(32), i)
	CMPQ(i, pairs)
	JLT(operand.LabelRef("pair"))
	Label("last")
	CMPQ(i, width)
	JE(operand.LabelRef("next"))
	VMOVUPS(operand.Mem{Base: src, Index: i, Scale: 1}, half)
	VMOVUPS(half, operand.Mem{Base: dst, Index: i, Scale: 1})
	Label("next")
	ADDQ(stride, src)
	ADDQ(width, dst)
	DECQ(steps)
	JNE(operand.LabelRef("step"))
	VZEROUPPER()
	RET()
}

// copyLines writes the packing of four narrow panels at a time: four steps of
// them are four cache lines, which become a line of each panel.
func copyLines() {
	TEXT("copyLines", NOSPLIT, "func(dst *byte, panel int, src *byte, stride, steps int)")
	Pragma("noescape")
	Doc("copyLines copies 16 bytes from src+p·stride+16·i to dst+p·16+i·panel for i in [0, 4), p in [0, steps), a positive multiple of 4.")
	out := &steps{base: Load(Param("dst"), GP64()), width: Load(Param("panel"), GP64()), width3: GP64()}
	in := &steps{base: Load(Param("src"), GP64()), width: Load(Param("stride"), GP64()), width3: GP64()}
	count := Load(Param("steps"), GP64())
	for _, s := range []*steps{out, in} {
		LEAQ(operand.Mem{Base: s.width, Index: s.width, Scale: 2}, s.width3)
	}
	Label("lines")
	for p := range 4 {
		for i := range 4 {
			x, from, to := XMM(), in.at(p), out.at(i)
			from.Disp, to.Disp = 16*i, 16*p
			VMOVUPS(from, x)
			VMOVUPS(x, to)
		}
	}
	in.advance()
	ADDQ(operand.U8(64), out.base)
	SUBQ(operand.U8(4), count)
	JG(operand.LabelRef("lines"))
	RET()
}

// copyThree copies three vectors a step, and asks for those of eight steps on:
// steps far apart are no stream to the processor.
func copyThree(dst, src, stride, steps reg.Register) {
	far := GP64()
	MOVQ(stride, far)
	SHLQ(operand.U8(3), far)
	Label("three")
	PREFETCHT0(operand.Mem{Base: src, Index: far, Scale: 1})
	PREFETCHT0(operand.Mem{Base: src, Index: far, Scale: 1, Disp: 64})
	var x [3]reg.VecVirtual
	for v := range x {
		x[v] = YMM()
		VMOVUPS(at(src, 32*v), x[v])
	}
	for v := range x {
		VMOVUPS(x[v], at(dst, 32*v))
	}
	ADDQ(stride, src)
	ADDQ(operand.U8(3*32), dst)
	DECQ(steps)
	JNE(operand.LabelRef("three"))
	VZEROUPPER()
	RET()
}

// padRows writes the copying of rows of an image between zeros. Zeros and rows
// are moved in whole vectors; what is too much, the next ones overwrite.
func padRows(e element) {
	TEXT("padRows"+e.suffix, NOSPLIT, fmt.Sprintf("func(dst *%[1]s, cols, left, count int, src *%[1]s, srcCols, rows int)", e.goType))
	Pragma("noescape")
	Doc("padRows"+e.suffix+" writes rows of cols elements: left zeros, count elements of a row of src, zeros. It reads and",
		"writes up to a vector beyond what it needs.")
	dst, cols := Load(Param("dst"), GP64()), Load(Param("cols"), GP64())
	left, count := Load(Param("left"), GP64()), Load(Param("count"), GP64())
	src, srcCols, rows := Load(Param("src"), GP64()), Load(Param("srcCols"), GP64()), Load(Param("rows"), GP64())
	for _, r := range []reg.Register{cols, left, count, srcCols} {
		SHLQ(operand.U8(log2(e.size)), r)
	}
	right, end := GP64(), GP64()
	MOVQ(cols, right)
	SUBQ(left, right)
	SUBQ(count, right)
	zero, x := YMM(), YMM()
	VXORPS(zero, zero, zero)
	at := GP64()
	zeros := func(name string, n reg.Register) {
		XORQ(at, at)
		JMP(operand.LabelRef(name + "_check"))
		Label(name)
		VMOVUPS(zero, operand.Mem{Base: end, Index: at, Scale: 1})
		ADDQ(operand.U8(32), at)
		Label(name + "_check")
		CMPQ(at, n)
		JLT(operand.LabelRef(name))
		ADDQ(n, end)
	}
	MOVQ(dst, end)
	Label("row")
	zeros("left", left)
	XORQ(at, at)
	Label("copy")
	VMOVUPS(operand.Mem{Base: src, Index: at, Scale: 1}, x)
	VMOVUPS(x, operand.Mem{Base: end, Index: at, Scale: 1})
	ADDQ(operand.U8(32), at)
	CMPQ(at, count)
	JLT(operand.LabelRef("copy"))
	ADDQ(count, end)
	zeros("right", right)
	ADDQ(srcCols, src)
	DECQ(rows)
	JNE(operand.LabelRef("row"))
	VZEROUPPER()
	RET()
}

// transpose4x8 stores the eight columns of four vectors of float32.
func transpose4x8(out *steps, x [4]reg.VecVirtual) {
	y := transposed(x)
	for i, v := range y {
		VMOVUPS(v.AsX(), out.at(i))
	}
	out.advance()
	for i, v := range y {
		VEXTRACTF128(operand.U8(1), v, out.at(i))
	}
	out.advance()
}

// transposed returns the four columns of both halves of four vectors.
func transposed(x [4]reg.VecVirtual) [4]reg.VecVirtual {
	var pair, y [4]reg.VecVirtual
	for i := range pair {
		pair[i], y[i] = YMM(), YMM()
	}
	VUNPCKLPS(x[1], x[0], pair[0])
	VUNPCKHPS(x[1], x[0], pair[1])
	VUNPCKLPS(x[3], x[2], pair[2])
	VUNPCKHPS(x[3], x[2], pair[3])
	VUNPCKLPD(pair[2], pair[0], y[0])
	VUNPCKHPD(pair[2], pair[0], y[1])
	VUNPCKLPD(pair[3], pair[1], y[2])
	VUNPCKHPD(pair[3], pair[1], y[3])
	return y
}

// transpose4x4 stores the four columns of four vectors of float64.
func transpose4x4(out *steps, x [4]reg.VecVirtual) {
	var pair, y [4]reg.VecVirtual
	for i := range pair {
		pair[i], y[i] = YMM(), YMM()
	}
	VUNPCKLPD(x[1], x[0], pair[0])
	VUNPCKHPD(x[1], x[0], pair[1])
	VUNPCKLPD(x[3], x[2], pair[2])
	VUNPCKHPD(x[3], x[2], pair[3])
	VPERM2F128(operand.U8(0x20), pair[2], pair[0], y[0])
	VPERM2F128(operand.U8(0x20), pair[3], pair[1], y[1])
	VPERM2F128(operand.U8(0x31), pair[2], pair[0], y[2])
	VPERM2F128(operand.U8(0x31), pair[3], pair[1], y[3])
	for i, v := range y {
		VMOVUPD(v, out.at(i))
	}
	out.advance()
}
