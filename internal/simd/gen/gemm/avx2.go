package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The tile of AVX2: 12 of the 16 registers are sums of 4 rows and three
// vectors, and a step of 12 multiply-adds needs only seven loads, one fewer
// than 6 rows and two vectors would. A turn of the loop is eight steps: beside a
// neighbour on the core, every instruction that is no multiply-add costs.
const rows2, vectors2, unroll2 = 4, 3, 8

// tiles2 is the micro-kernel of AVX2: a walk down the tiles of one panel of
// columns. The sums of a tile stay in registers for all steps; each step loads
// one row of the panel and broadcasts one element of each row of a, which is
// packed or lies anywhere. A panel that is not packed yet is packed on the way
// down the first tile. Arguments that are not needed at every step stay in the
// frame.
type tiles2 struct {
	element
	c, rows reg.GPVirtual            // the tile of c, and the rows left
	a       []reg.GPVirtual          // the first of every rows2 rows of a, at the step at hand
	down    [rows2 - 1]reg.GPVirtual // from there to the others
	b       reg.GPVirtual            // the step at hand
	count   reg.GPVirtual            // steps left
}

// kernelAVX2 writes the micro-kernel.
func kernelAVX2(e element) {
	k := &tiles2{element: e}
	name := "gemm" + e.suffix + "AVX2"
	TEXT(name, NOSPLIT, fmt.Sprintf("func(c *%[1]s, ldc int, a *%[1]s, aRow, aStep, aTile int, b, from *%[1]s, fromStep, steps, rows, cols int, start *%[1]s, startStep int, bias *%[1]s, add int, floor %[1]s, addend, scales *%[1]s)", e.goType))
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is a micro-kernel with tiles of %d×%d. Rows of a tile of a lie aRow apart, its steps aStep, which is 1 or %[2]d, tiles aTile;", name, rows2, vectors2*k.lanes()),
		"what is stored is at least floor. Where from is not nil, b is packed on the way from there, whose steps, at least one, lie fromStep apart;",
		"cols is then a whole number of vectors. Where addend is not nil, which lies as c does, each row has its scale times that of the addend added,",
		"once for both; there is then no floor, and rows and cols are whole numbers of tiles' rows and of vectors.")
	k.c, k.rows = argument("c"), argument("rows")
	k.findAddend()
	cols := argument("cols")
	for v := 1; v < vectors2; v++ {
		CMPQ(cols, operand.U8(v*k.lanes()))
		JLE(operand.LabelRef(walkName(v)))
	}
	for v := vectors2; v > 0; v-- {
		k.walk(v)
	}
}

// findAddend turns the argument into what lies between c and the addend, in
// bytes, or leaves 0.
func (k *tiles2) findAddend() {
	addend := argument("addend")
	TESTQ(addend, addend)
	JEQ(operand.LabelRef("found"))
	SUBQ(k.c, addend)
	MOVQ(addend, param("addend"))
	Label("found")
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

// walk goes down the tiles of a panel of which so many vectors are used. Where
// it is one, two tiles are taken at a time as long as there are two: four sums
// alone would wait for each other.
func (k *tiles2) walk(vectors int) {
	name := walkName(vectors)
	Label(name)
	if vectors == 1 {
		CMPQ(k.rows, operand.U8(2*rows2))
		JLT(operand.LabelRef(name + "_one"))
		k.tile(name+"_two", 2*rows2, vectors)
		SUBQ(operand.U8(2*rows2), k.rows)
		JG(operand.LabelRef(name))
		JMP(operand.LabelRef("done"))
		Label(name + "_one")
	}
	k.tile(name, rows2, vectors)
	SUBQ(operand.U8(rows2), k.rows)
	JG(operand.LabelRef(name))
	if vectors == 1 {
		Label("done")
	}
	VZEROUPPER()
	RET()
}

// tile computes a tile and goes to the next.
func (k *tiles2) tile(name string, height, vectors int) {
	sums := make([][]reg.VecVirtual, height)
	start, startStep := argument("start"), argument("startStep")
	for i := range sums {
		sums[i] = make([]reg.VecVirtual, vectors)
		for v := range sums[i] {
			sums[i][v] = YMM()
			k.broadcast(at(start, i%rows2*k.size), sums[i][v])
		}
		if (i+1)%rows2 == 0 {
			LEAQ(operand.Mem{Base: start, Index: startStep, Scale: uint8(k.size)}, start)
		}
	}
	MOVQ(start, param("start"))
	next := k.begin(height)
	k.prefetch(name, height, vectors)
	CMPQ(param("from"), operand.U8(0))
	JNE(operand.LabelRef(name + "_first"))
	CMPQ(param("aStep"), operand.U8(1))
	JNE(operand.LabelRef(name + "_packed"))
	k.ahead(next)
	k.loop(name+"_anywhere", name+"_sums", sums, 1)
	JMP(operand.LabelRef(name + "_sums"))
	Label(name + "_packed")
	k.loop(name+"_panel", name+"_sums", sums, rows2)
	JMP(operand.LabelRef(name + "_sums"))
	Label(name + "_first")
	k.packingLoop(name+"_first", sums)
	Label(name + "_sums")
	k.finish(name, sums)
}

// loop goes through all steps, which lie so many elements of a apart, and on or
// to done.
func (k *tiles2) loop(name, done string, sums [][]reg.VecVirtual, stride int) {
	SUBQ(operand.U8(unroll2), k.count)
	JL(operand.LabelRef(name + "_rest"))
	Label(name + "_steps")
	k.steps(sums, unroll2, stride)
	SUBQ(operand.U8(unroll2), k.count)
	JGE(operand.LabelRef(name + "_steps"))
	Label(name + "_rest")
	ADDQ(operand.U8(unroll2), k.count)
	JE(operand.LabelRef(done))
	Label(name + "_step")
	k.steps(sums, 1, stride)
	DECQ(k.count)
	JNE(operand.LabelRef(name + "_step"))
}

// packingLoop goes through all steps with b where it lies, and packs it: moving
// a step costs less beside its multiply-adds than alone. Steps may be far apart
// and no stream to the processor, so that it has to be told of those to come.
func (k *tiles2) packingLoop(name string, sums [][]reg.VecVirtual) {
	from, fromStep, later, aStep := argument("from"), argument("fromStep"), GP64(), argument("aStep")
	k.bytes(fromStep)
	k.bytes(aStep)
	MOVQ(fromStep, later)
	SHLQ(operand.U8(log2(stepsAhead)), later)
	MOVQ(operand.U32(0), param("from"))
	Label(name + "_step")
	for line := 0; line < 32*len(sums[0]); line += 64 {
		PREFETCHT0(operand.Mem{Base: from, Index: later, Scale: 1, Disp: line})
	}
	k.step(sums, 0, func(v int, row reg.Register) {
		k.load(at(from, 32*v), row)
		k.load(row, at(k.b, 32*v))
	})
	ADDQ(fromStep, from)
	for _, a := range k.a {
		ADDQ(aStep, a)
	}
	ADDQ(operand.I32(32*vectors2), k.b)
	DECQ(k.count)
	JNE(operand.LabelRef(name + "_step"))
}

// stepsAhead is how many steps ahead an unpacked b is asked for.
const stepsAhead = 16

// begin goes to the first step of a tile and returns the a of the next. Rows
// beyond the last are the last.
func (k *tiles2) begin(height int) (next reg.GPVirtual) {
	k.a, k.b, k.count = nil, argument("b"), argument("steps")
	next = argument("a")
	tile, stride := argument("aTile"), argument("aRow")
	k.bytes(tile)
	k.bytes(stride)
	for range height / rows2 {
		first := GP64()
		MOVQ(next, first)
		ADDQ(tile, next)
		k.a = append(k.a, first)
	}
	MOVQ(next, param("a"))
	last := GP64()
	XORQ(last, last)
	for i := range k.down {
		k.down[i] = GP64()
		below := GP64()
		LEAQ(operand.Mem{Base: last, Index: stride, Scale: 1}, below)
		MOVQ(last, k.down[i])
		CMPQ(k.rows, operand.U8(i+1))
		CMOVQGT(below, k.down[i])
		last = k.down[i]
	}
	return next
}

// ahead asks for the beginning of the rows of the next tile: the processor sees
// streams by itself, but not that others will begin.
func (k *tiles2) ahead(next reg.GPVirtual) {
	for line := range rowAhead {
		PREFETCHT0(at(next, 64*line))
		for _, down := range k.down {
			PREFETCHT0(operand.Mem{Base: next, Index: down, Scale: 1, Disp: 64 * line})
		}
	}
}

// rowAhead is how many cache lines of each row of the next tile are asked for.
const rowAhead = 2

// factor is the element of row i of a, so many elements on.
func (k *tiles2) factor(i, on int) operand.Mem {
	m := at(k.a[i/rows2], on*k.size)
	if i%rows2 > 0 {
		m.Index, m.Scale = k.down[i%rows2-1], 1
	}
	return m
}

// prefetch asks for the tiles of c and of the addend, which are far away and
// needed when the sums are done.
func (k *tiles2) prefetch(name string, height, vectors int) {
	row := GP64()
	MOVQ(k.c, row)
	k.prefetchTile(row, height, vectors)
	CMPQ(param("addend"), operand.U8(0))
	JE(operand.LabelRef(name + "_near"))
	MOVQ(k.c, row)
	ADDQ(param("addend"), row)
	k.prefetchTile(row, height, vectors)
	Label(name + "_near")
}

func (k *tiles2) prefetchTile(row reg.GPVirtual, height, vectors int) {
	ldc := argument("ldc")
	for i := range height {
		if i > 0 {
			LEAQ(operand.Mem{Base: row, Index: ldc, Scale: uint8(k.size)}, row)
		}
		PREFETCHT0(at(row, 0))
		if vectors > 1 {
			PREFETCHT0(at(row, 32*vectors-k.size))
		}
	}
}

// steps emits n steps of the sums, which lie so many elements of a apart.
func (k *tiles2) steps(sums [][]reg.VecVirtual, n, stride int) {
	for s := range n {
		k.step(sums, s*stride, func(v int, row reg.Register) { k.load(at(k.b, 32*(s*vectors2+v)), row) })
	}
	for _, a := range k.a {
		ADDQ(operand.I32(n*stride*k.size), a)
	}
	ADDQ(operand.I32(32*n*vectors2), k.b)
}

// step emits one step of the sums, so many elements of a from here on, with the
// vectors of b that load loads.
func (k *tiles2) step(sums [][]reg.VecVirtual, on int, load func(v int, row reg.Register)) {
	row := make([]reg.VecVirtual, len(sums[0]))
	for v := range row {
		row[v] = YMM()
		load(v, row[v])
	}
	for i := range sums {
		factor := YMM()
		k.broadcast(k.factor(i, on), factor)
		for v := range row {
			k.fma(row[v], factor, sums[i][v])
		}
	}
}
