package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The tile of AVX2: 12 of the 16 registers are sums of 4 rows and three
// vectors, and a step of 12 multiply-adds needs only seven loads, one fewer
// than 6 rows and two vectors would.
const rows2, vectors2, unroll2 = 4, 3, 4

// tiles2 is the micro-kernel of AVX2: a walk down the tiles of one panel of
// columns. The sums of a tile stay in registers for all steps; each step loads
// one row of the panel and broadcasts one element of each row of a, which may
// lie anywhere. Arguments that are not needed at every step stay in the frame.
type tiles2 struct {
	element
	c, rows reg.GPVirtual        // the tile of c, and the rows left
	a       [rows2]reg.GPVirtual // rows of a
	p, step reg.GPVirtual        // from their beginning to the step at hand, and to the next
	b       reg.GPVirtual        // the step at hand
	count   reg.GPVirtual        // steps left
}

// kernelAVX2 writes the micro-kernel.
func kernelAVX2(e element) {
	k := &tiles2{element: e}
	name := "gemm" + e.suffix + "AVX2"
	TEXT(name, NOSPLIT, fmt.Sprintf("func(c *%[1]s, ldc int, a *%[1]s, aRow, aStep, aTile int, b *%[1]s, steps, rows, cols int, start *%[1]s, startStep int, bias *%[1]s, add int, floor %[1]s)", e.goType))
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is a micro-kernel with tiles of %d×%d. Rows of a tile of a lie aRow apart, its steps aStep, tiles aTile;", name, rows2, vectors2*k.lanes()),
		"what is stored is at least floor.")
	k.c, k.rows = argument("c"), argument("rows")
	cols := argument("cols")
	for v := 1; v < vectors2; v++ {
		CMPQ(cols, operand.U8(v*k.lanes()))
		JLE(operand.LabelRef(walkName(v)))
	}
	for v := vectors2; v > 0; v-- {
		k.walk(v)
	}
}

func (k *tiles2) lanes() int { return 32 / k.size }

// param is an argument in its place in the frame.
func param(name string) operand.Mem {
	b, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

func walkName(vectors int) string { return fmt.Sprintf("vectors%d", vectors) }

// walk goes down the tiles of a panel of which so many vectors are used.
func (k *tiles2) walk(vectors int) {
	name := walkName(vectors)
	Label(name)
	sums := make([][]reg.VecVirtual, rows2)
	start := argument("start")
	for i := range sums {
		sums[i] = make([]reg.VecVirtual, vectors)
		for v := range sums[i] {
			sums[i][v] = YMM()
			k.broadcast(at(start, i*k.size), sums[i][v])
		}
	}
	k.move("start", start, "startStep")
	k.begin()
	k.prefetch(vectors)
	SUBQ(operand.U8(unroll2), k.count)
	JL(operand.LabelRef(name + "_rest"))
	Label(name + "_loop")
	k.steps(sums, unroll2)
	SUBQ(operand.U8(unroll2), k.count)
	JGE(operand.LabelRef(name + "_loop"))
	Label(name + "_rest")
	ADDQ(operand.U8(unroll2), k.count)
	JE(operand.LabelRef(name + "_sums"))
	Label(name + "_step")
	k.steps(sums, 1)
	DECQ(k.count)
	JNE(operand.LabelRef(name + "_step"))
	Label(name + "_sums")
	k.finish(name, sums)
	SUBQ(operand.U8(rows2), k.rows)
	JG(operand.LabelRef(name))
	VZEROUPPER()
	RET()
}

// move moves a pointer in the frame, which was loaded, on by so many elements.
func (k *tiles2) move(name string, loaded reg.GPVirtual, by string) {
	next := argument(by)
	LEAQ(operand.Mem{Base: loaded, Index: next, Scale: uint8(k.size)}, next)
	MOVQ(next, param(name))
}

// begin goes to the first step of a tile. Rows beyond the last are the last.
func (k *tiles2) begin() {
	k.p, k.step, k.b, k.count = GP64(), argument("aStep"), argument("b"), argument("steps")
	stride := argument("aRow")
	k.bytes(stride)
	k.bytes(k.step)
	k.a[0] = argument("a")
	k.move("a", k.a[0], "aTile")
	for i := 1; i < rows2; i++ {
		next := GP64()
		k.a[i] = GP64()
		MOVQ(k.a[i-1], k.a[i])
		LEAQ(operand.Mem{Base: k.a[i-1], Index: stride, Scale: 1}, next)
		CMPQ(k.rows, operand.U8(i))
		CMOVQGT(next, k.a[i])
	}
	XORQ(k.p, k.p)
}

// prefetch asks for the tile of c, which is far away and needed when the sums
// are done.
func (k *tiles2) prefetch(vectors int) {
	row, ldc := GP64(), argument("ldc")
	MOVQ(k.c, row)
	for i := range rows2 {
		if i > 0 {
			LEAQ(operand.Mem{Base: row, Index: ldc, Scale: uint8(k.size)}, row)
		}
		PREFETCHT0(at(row, 0))
		if vectors > 1 {
			PREFETCHT0(at(row, 32*vectors-k.size))
		}
	}
}

// steps emits n steps of the sums.
func (k *tiles2) steps(sums [][]reg.VecVirtual, n int) {
	for s := range n {
		row := make([]reg.VecVirtual, len(sums[0]))
		for v := range row {
			row[v] = YMM()
			k.load(at(k.b, 32*(s*vectors2+v)), row[v])
		}
		for i := range sums {
			factor := YMM()
			k.broadcast(operand.Mem{Base: k.a[i], Index: k.p, Scale: 1}, factor)
			for v := range row {
				k.fma(row[v], factor, sums[i][v])
			}
		}
		ADDQ(k.step, k.p)
	}
	ADDQ(operand.I32(32*n*vectors2), k.b)
}

// ends holds what the end of a tile needs.
type ends struct {
	ldc, bias, add, window, row    reg.GPVirtual
	mask, addMask, column, operand reg.VecVirtual
}

// finish adds what is to be added, stores what lies inside c, and goes to the
// next tile. It emits the rows of each vector twice: with plain moves for
// vectors that lie inside, as nearly all do, for masked ones take as long as a
// dozen of them.
func (k *tiles2) finish(name string, sums [][]reg.VecVirtual) {
	e := &ends{ldc: argument("ldc"), bias: argument("bias"), add: argument("add"), window: GP64(), row: GP64()}
	cols := argument("cols")
	k.bytes(cols)
	LEAQ(insideTable().Offset(maskBytes), e.window)
	SUBQ(cols, e.window)
	NEGQ(e.add)
	for v := range sums[0] {
		next := fmt.Sprintf("%s_vector%d", name, v)
		e.mask, e.addMask, e.column, e.operand = YMM(), YMM(), YMM(), YMM()
		all := XMM()
		VMOVQ(e.add, all)
		VPBROADCASTQ(all, e.addMask)
		CMPL(at(e.window, 32*v+28), operand.U8(0))
		JE(operand.LabelRef(next + "_partial"))
		k.finishVector(e, v, next, sums, true)
		JMP(operand.LabelRef(next))
		Label(next + "_partial")
		VMOVDQU(at(e.window, 32*v), e.mask)
		VPAND(e.mask, e.addMask, e.addMask)
		k.finishVector(e, v, next, sums, false)
		Label(next)
	}
	LEAQ(operand.Mem{Base: e.row, Index: e.ldc, Scale: uint8(k.size)}, k.c)
}

// finishVector does so for vector v of each row, of which the whole or a part
// lies inside, and jumps to next if not all rows do.
func (k *tiles2) finishVector(e *ends, v int, next string, sums [][]reg.VecVirtual, whole bool) {
	if whole {
		k.load(at(e.bias, 32*v), e.column)
	} else {
		k.masked(at(e.bias, 32*v), e.mask, e.column)
	}
	MOVQ(k.c, e.row)
	for i := range sums {
		if i > 0 {
			CMPQ(k.rows, operand.U8(i))
			JLE(operand.LabelRef(next))
			LEAQ(operand.Mem{Base: e.row, Index: e.ldc, Scale: uint8(k.size)}, e.row)
		}
		sum, place := sums[i][v], at(e.row, 32*v)
		if whole {
			VANDPS(place, e.addMask, e.operand)
		} else {
			k.masked(place, e.addMask, e.operand)
		}
		k.add(e.operand, sum, sum)
		k.add(e.column, sum, sum)
		k.broadcast(param("floor"), e.operand)
		k.max(sum, e.operand, sum) // in this order NaN and zeros stay as they are
		if whole {
			k.load(sum, place)
		} else {
			k.masked(sum, e.mask, place)
		}
	}
}

// masked moves what the mask covers.
func (k *tiles2) masked(src, mask, dst operand.Op) {
	if k.size == 8 {
		VMASKMOVPD(src, mask, dst)
		return
	}
	VMASKMOVPS(src, mask, dst)
}

// maskBytes is the size of three vectors.
const maskBytes = 3 * 32

var inside *operand.Mem

// insideTable is the data section of the masks, made when it is first needed:
// maskBytes set bytes and as many clear ones. A window that starts before the
// first clear byte by the number of columns masks those.
func insideTable() operand.Mem {
	if inside == nil {
		table := GLOBL("gemmInside", RODATA|NOPTR)
		for at := 0; at < maskBytes; at += 8 {
			DATA(at, operand.U64(1<<64-1))
		}
		for at := maskBytes; at < 2*maskBytes; at += 8 {
			DATA(at, operand.U64(0))
		}
		inside = &table
	}
	return *inside
}
