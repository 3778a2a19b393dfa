package main

import (
	"fmt"

	"github.com/gradus-ml/gradus/internal/simd/gen"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tileRows is how many rows a panel of a has, and the smallest tile.
const tileRows = 4

// tiles is a micro-kernel: a walk down the tiles of one panel of columns. The
// sums of a tile stay in registers for all steps; each step loads one row of
// the panel and broadcasts one element of each row of a, which is packed or
// lies anywhere. A panel that is not packed yet is packed on the way down the
// first tile. Arguments that are not needed at every step stay in the frame.
type tiles struct {
	element
	*level
	edge    edge
	c, rows reg.GPVirtual   // the tile of c, and the rows left
	a       []reg.GPVirtual // the first of every tileRows rows of a, at the step at hand
	down    []reg.GPVirtual // from there to the others, or nil where a is always packed
	b       reg.GPVirtual   // the step at hand
	count   reg.GPVirtual   // steps left
}

// kernel writes the micro-kernel of a level.
func kernel(e element, l *level) {
	k := &tiles{element: e, level: l}
	k.edge = newEdge(k)
	TEXT("gemm"+e.suffix+l.name, NOSPLIT, fmt.Sprintf("func(c *%[1]s, ldc int, a *%[1]s, aRow, aStep, aTile int, b, from *%[1]s, fromStep, steps, rows, cols int, start *%[1]s, startStep int, bias *%[1]s, add int, floor %[1]s, addend, scales *%[1]s)", e.goType))
	Pragma("noescape")
	Doc(fmt.Sprintf("gemm%s%s is a micro-kernel with tiles of %d×%d. Rows of a tile of a lie aRow apart, its steps aStep, which is 1 or %[3]d, tiles aTile;", e.suffix, l.name, tileRows, l.vectors*k.lanes()),
		"what is stored is at least floor. Where from is not nil, b is packed on the way from there, whose steps, at least one, lie fromStep apart;",
		"cols is then a whole number of vectors. Where addend is not nil, which lies as c does, each row has its scale times that of the addend added,",
		"once for both; there is then no floor, and rows and cols are whole numbers of tiles' rows and of vectors.")
	k.c, k.rows = argument("c"), argument("rows")
	k.findAddend()
	cols := argument("cols")
	for v := 1; v < l.vectors; v++ {
		CMPQ(cols, operand.U8(v*k.lanes()))
		JLE(operand.LabelRef(walkName(v)))
	}
	for v := l.vectors; v > 0; v-- {
		k.walk(v)
	}
}

// findAddend turns the argument into what lies between c and the addend, in
// bytes, or leaves 0.
func (k *tiles) findAddend() {
	addend := argument("addend")
	TESTQ(addend, addend)
	JEQ(operand.LabelRef("found"))
	SUBQ(k.c, addend)
	MOVQ(addend, param("addend"))
	Label("found")
}

func (k *tiles) lanes() int { return k.width / k.size }

// argument loads an argument of the function at hand.
func argument(name string) reg.GPVirtual { return Load(Param(name), GP64()).(reg.GPVirtual) }

// param is an argument in its place in the frame.
func param(name string) operand.Mem {
	return gen.Place(Param(name))
}

func walkName(vectors int) string { return fmt.Sprintf("vectors%d", vectors) }

// walk goes down the tiles of a panel of which so many vectors are used.
func (k *tiles) walk(vectors int) {
	walk(walkName(vectors), k.rows, k.together[vectors-1], func(name string, height int) { k.tile(name, height, vectors) })
}

// walk writes a walk down the rows and the return from the function: tiles of as
// many panels as are taken together while there are as many rows, then of one.
func walk(name string, rows reg.GPVirtual, together int, tile func(name string, height int)) {
	Label(name)
	if together > 1 {
		CMPQ(rows, operand.U8(together*tileRows))
		JLT(operand.LabelRef(name + "_one"))
		tile(name+"_together", together*tileRows)
		SUBQ(operand.U8(together*tileRows), rows)
		JG(operand.LabelRef(name))
		JMP(operand.LabelRef(name + "_done"))
		Label(name + "_one")
	}
	tile(name, tileRows)
	SUBQ(operand.U8(tileRows), rows)
	JG(operand.LabelRef(name))
	if together > 1 {
		Label(name + "_done")
	}
	VZEROUPPER()
	RET()
}

// tile computes a tile and goes to the next.
func (k *tiles) tile(name string, height, vectors int) {
	sums := k.sums(height, vectors)
	start, startStep := argument("start"), argument("startStep")
	for i := range sums {
		for _, sum := range sums[i] {
			k.broadcast(at(start, i%tileRows*k.size), sum)
		}
		if (i+1)%tileRows == 0 {
			LEAQ(operand.Mem{Base: start, Index: startStep, Scale: uint8(k.size)}, start)
		}
	}
	MOVQ(start, param("start"))
	next := k.begin(height)
	if !k.spread {
		k.prefetch(name, height, vectors)
	}
	CMPQ(param("from"), operand.U8(0))
	JNE(operand.LabelRef(name + "_first"))
	CMPQ(param("aStep"), operand.U8(1))
	JNE(operand.LabelRef(name + "_packed"))
	k.ahead(next)
	k.asking(name+"_anywhere", sums, 1)
	k.loop(name+"_anywhere", name+"_sums", func(n int) { k.steps(sums, n, 1) })
	JMP(operand.LabelRef(name + "_sums"))
	Label(name + "_packed")
	k.asking(name+"_panel", sums, tileRows)
	k.loop(name+"_panel", name+"_sums", func(n int) { k.steps(sums, n, tileRows) })
	JMP(operand.LabelRef(name + "_sums"))
	Label(name + "_first")
	if k.spread {
		k.prefetch(name, height, vectors)
	}
	k.packingLoop(name+"_first", sums)
	Label(name + "_sums")
	k.finish(name, sums)
}

// asking goes through a turn of the loop for each row of the tile and asks for
// that of c and of the addend (without one for that of c again, which is then
// near), where the level spreads that out.
func (k *tiles) asking(name string, sums [][]reg.VecVirtual, stride int) {
	if !k.spread {
		return
	}
	row, left := GP64(), GP64()
	MOVQ(k.c, row)
	MOVQ(operand.I32(len(sums)), left)
	Label(name + "_asking")
	CMPQ(k.count, operand.U8(k.unroll))
	JLT(operand.LabelRef(name + "_asked"))
	k.prefetchRow(row, len(sums[0]))
	ADDQ(param("addend"), row)
	k.prefetchRow(row, len(sums[0]))
	SUBQ(param("addend"), row)
	ldc := argument("ldc")
	LEAQ(operand.Mem{Base: row, Index: ldc, Scale: uint8(k.size)}, row)
	k.steps(sums, k.unroll, stride)
	SUBQ(operand.U8(k.unroll), k.count)
	DECQ(left)
	JNE(operand.LabelRef(name + "_asking"))
	Label(name + "_asked")
}

// sums are the registers of a tile.
func (k *tiles) sums(height, vectors int) [][]reg.VecVirtual {
	sums := make([][]reg.VecVirtual, height)
	for i := range sums {
		sums[i] = make([]reg.VecVirtual, vectors)
		for v := range sums[i] {
			sums[i][v] = k.vector()
		}
	}
	return sums
}

// loop goes through all steps, which steps emits, and on or to done.
func (k *tiles) loop(name, done string, steps func(n int)) {
	SUBQ(operand.U8(k.unroll), k.count)
	JL(operand.LabelRef(name + "_rest"))
	Label(name + "_steps")
	steps(k.unroll)
	SUBQ(operand.U8(k.unroll), k.count)
	JGE(operand.LabelRef(name + "_steps"))
	Label(name + "_rest")
	ADDQ(operand.U8(k.unroll), k.count)
	JE(operand.LabelRef(done))
	Label(name + "_step")
	steps(1)
	DECQ(k.count)
	JNE(operand.LabelRef(name + "_step"))
}

// packingLoop goes through all steps with b where it lies, and packs it: moving
// a step costs less beside its multiply-adds than alone. Steps may be far apart
// and no stream to the processor, so that it has to be told of those to come.
func (k *tiles) packingLoop(name string, sums [][]reg.VecVirtual) {
	from, fromStep, later, aStep := argument("from"), argument("fromStep"), GP64(), argument("aStep")
	k.bytes(fromStep)
	k.bytes(aStep)
	MOVQ(fromStep, later)
	SHLQ(operand.U8(log2(stepsAhead)), later)
	MOVQ(operand.U32(0), param("from"))
	Label(name + "_step")
	for line := 0; line < k.width*len(sums[0]); line += 64 {
		PREFETCHT0(operand.Mem{Base: from, Index: later, Scale: 1, Disp: line})
	}
	k.step(sums, 0, func(v int, row reg.Register) {
		k.load(at(from, k.width*v), row)
		k.load(row, at(k.b, k.width*v))
	})
	ADDQ(fromStep, from)
	for _, a := range k.a {
		ADDQ(aStep, a)
	}
	ADDQ(operand.I32(k.width*k.vectors), k.b)
	DECQ(k.count)
	JNE(operand.LabelRef(name + "_step"))
}

// stepsAhead is how many steps ahead an unpacked b is asked for.
const stepsAhead = 16

// begin goes to the first step of a tile and returns the a of the next. Rows
// beyond the last are the last.
func (k *tiles) begin(height int) (next reg.GPVirtual) {
	k.b, k.count = argument("b"), argument("steps")
	next = argument("a")
	tile, stride := argument("aTile"), argument("aRow")
	k.bytes(tile)
	k.bytes(stride)
	k.panels(next, tile, height)
	last := GP64()
	XORQ(last, last)
	k.down = make([]reg.GPVirtual, tileRows-1)
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

// panels notes where each panel of a of a tile begins, so many bytes apart, and
// moves next to that of the next tile.
func (k *tiles) panels(next, apart reg.GPVirtual, height int) {
	k.a = nil
	for range height / tileRows {
		first := GP64()
		MOVQ(next, first)
		ADDQ(apart, next)
		k.a = append(k.a, first)
	}
	MOVQ(next, param("a"))
}

// ahead asks for the beginning of the rows of the next tile: the processor sees
// streams by itself, but not that others will begin.
func (k *tiles) ahead(next reg.GPVirtual) {
	for line := range rowAhead {
		PREFETCHT0(at(next, 64*line))
		for _, down := range k.down {
			PREFETCHT0(operand.Mem{Base: next, Index: down, Scale: 1, Disp: 64 * line})
		}
	}
}

// rowAhead is how many cache lines of each row of the next tile are asked for.
const rowAhead = 2

// factor is the element of row i of a, so many elements on. Where a is always
// packed, rows lie one after the other.
func (k *tiles) factor(i, on int) operand.Mem {
	panel, row := k.a[i/tileRows], i%tileRows
	if k.down == nil {
		return at(panel, (on+row)*k.size)
	}
	m := at(panel, on*k.size)
	if row > 0 {
		m.Index, m.Scale = k.down[row-1], 1
	}
	return m
}

// prefetch asks for the tiles of c and of the addend, which are far away and
// needed when the sums are done.
func (k *tiles) prefetch(name string, height, vectors int) {
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

func (k *tiles) prefetchTile(row reg.GPVirtual, height, vectors int) {
	ldc := argument("ldc")
	for i := range height {
		if i > 0 {
			LEAQ(operand.Mem{Base: row, Index: ldc, Scale: uint8(k.size)}, row)
		}
		k.prefetchRow(row, vectors)
	}
}

func (k *tiles) prefetchRow(row reg.GPVirtual, vectors int) {
	for line := 0; line == 0 || line+64 < k.width*vectors; line += 64 {
		PREFETCHT0(at(row, line))
	}
	if k.width*vectors > 32 {
		PREFETCHT0(at(row, k.width*vectors-k.size))
	}
}

// steps emits n steps of the sums, which lie so many elements of a apart.
func (k *tiles) steps(sums [][]reg.VecVirtual, n, stride int) {
	row := k.width * k.vectors
	for s := range n {
		k.step(sums, s*stride, func(v int, x reg.Register) { k.load(at(k.b, row*s+k.width*v), x) })
	}
	for _, a := range k.a {
		ADDQ(operand.I32(n*stride*k.size), a)
	}
	ADDQ(operand.I32(row*n), k.b)
}

// step emits one step of the sums, so many elements of a from here on, with the
// vectors of b that load loads.
func (k *tiles) step(sums [][]reg.VecVirtual, on int, load func(v int, row reg.Register)) {
	row := make([]reg.VecVirtual, len(sums[0]))
	for v := range row {
		row[v] = k.vector()
		load(v, row[v])
	}
	for i := range sums {
		factor := k.vector()
		k.broadcast(k.factor(i, on), factor)
		for v := range row {
			k.fma(row[v], factor, sums[i][v])
		}
	}
}
