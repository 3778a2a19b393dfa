package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// kernel is a micro-kernel: a walk down the tiles of one panel of columns. The
// sums of a tile stay in registers for all steps; each step loads one row of
// the panel of b and broadcasts each element of one column of the panel of a.
type kernel struct {
	element
	rows, vectors int   // of a full tile
	heights       []int // of the variants for the last tile, ascending, below rows
	unroll        int   // steps in one turn of the loop of a full tile
	vector        func() reg.VecVirtual
	edge          edge
	source        source
}

// source says where the rows of b lie, and the vectors of a row of c.
type source interface {
	begin()                                      // go to the first step
	load(step, v int, row reg.Register)          // vector v of a step from here on
	advance(steps int)                           // go on
	column(row reg.GPVirtual, v int) operand.Mem // vector v of a row of c
}

// edge reads and writes the part of a tile that lies inside c, one vector of
// columns at a time.
type edge interface {
	each(v int, name string, rows func())   // rows emits what is done to vector v of the tile, by the methods below
	loadBias(mem operand.Op)                // into bias, 0 outside
	loadAddend(mem operand.Op)              // into addend, 0 outside and where nothing is to be added
	store(src reg.Register, mem operand.Op) // only what is inside
	bias() reg.Register
	addend() reg.Register
}

// registers that hold a kernel's arguments and places.
type registers struct {
	c, ldc, a, steps, rows reg.GPVirtual // arguments
	start, startStep, bias reg.GPVirtual // the last may be missing
	count, row             reg.GPVirtual // steps left, row of c
}

func (k *kernel) lanes() int { return int(k.vector().Size()) / k.size }

// argument loads an argument of the function at hand.
func argument(name string) reg.GPVirtual { return Load(Param(name), GP64()).(reg.GPVirtual) }

// bytes turns a number of elements into one of bytes.
func (e element) bytes(n reg.Register) { SHLQ(operand.U8(log2(e.size)), n) }

// panel is a source of packed panels and rows of c without gaps.
type panel struct {
	*kernel
	first, b reg.GPVirtual // the panel, and the step at hand
}

func (p *panel) begin() { MOVQ(p.first, p.b) }

func (p *panel) load(step, v int, row reg.Register) {
	p.kernel.load(at(p.b, ((step*p.vectors+v)*p.lanes())*p.size), row)
}

func (p *panel) advance(steps int) { ADDQ(operand.I32(steps*p.vectors*p.lanes()*p.size), p.b) }

func (p *panel) column(row reg.GPVirtual, v int) operand.Mem { return at(row, v*p.lanes()*p.size) }

// emit writes the kernel for packed panels as one function.
func (k *kernel) emit(name string, setup func(cols, add reg.GPVirtual)) {
	TEXT(name, NOSPLIT, fmt.Sprintf("func(c *%[1]s, ldc int, a, b *%[1]s, steps, rows, cols int, start *%[1]s, startStep int, bias *%[1]s, add int)", k.goType))
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is a micro-kernel with tiles of %d×%d.", name, k.rows, k.vectors*k.lanes()))
	g := &registers{
		c: argument("c"), ldc: argument("ldc"), a: argument("a"), steps: argument("steps"), rows: argument("rows"),
		start: argument("start"), startStep: argument("startStep"), bias: argument("bias"),
		count: GP64(), row: GP64(),
	}
	k.source = &panel{kernel: k, first: argument("b"), b: GP64()}
	cols := argument("cols")
	setup(cols, argument("add"))
	k.bytes(g.ldc)
	k.bytes(g.startStep)
	for v := 1; v < k.vectors; v++ {
		CMPQ(cols, operand.U8(v*k.lanes()))
		JLE(operand.LabelRef(fmt.Sprintf("vectors%d", v)))
	}
	k.walks(g)
}

// walks writes a walk for each number of vectors, and the end.
func (k *kernel) walks(g *registers) {
	for v := k.vectors; v > 0; v-- {
		k.walk(g, v)
	}
	Label("done")
	VZEROUPPER()
	RET()
}

func log2(n int) int {
	if n == 1 {
		return 0
	}
	return 1 + log2(n/2)
}

// walk goes down the tiles of a panel of which so many vectors are used.
func (k *kernel) walk(g *registers, vectors int) {
	start := fmt.Sprintf("vectors%d", vectors)
	variant := func(height int) string { return fmt.Sprintf("%s_rows%d", start, height) }
	Label(start)
	k.source.begin()
	MOVQ(g.steps, g.count)
	for _, h := range k.heights {
		CMPQ(g.rows, operand.U8(h))
		JLE(operand.LabelRef(variant(h)))
	}
	k.tile(g, variant(k.rows), k.rows, vectors)
	SUBQ(operand.U8(k.rows), g.rows)
	JG(operand.LabelRef(start))
	JMP(operand.LabelRef("done"))
	for _, h := range k.heights {
		Label(variant(h))
		k.tile(g, variant(h), h, vectors)
		JMP(operand.LabelRef("done"))
	}
}

// tile computes one tile and leaves a and c at the next.
func (k *kernel) tile(g *registers, name string, height, vectors int) {
	sums := make([][]reg.VecVirtual, height)
	for i := range sums {
		sums[i] = make([]reg.VecVirtual, vectors)
		for v := range sums[i] {
			sums[i][v] = k.vector()
			k.broadcast(at(g.start, i*k.size), sums[i][v])
		}
	}
	if g.startStep != nil {
		ADDQ(g.startStep, g.start)
	} else {
		ADDQ(operand.U8(height*k.size), g.start)
	}
	if height == k.rows && vectors == k.vectors {
		k.prefetch(g)
	}
	unroll := k.unroll
	if height < k.rows || vectors < k.vectors {
		unroll = 1
	}
	if unroll > 1 {
		SUBQ(operand.U8(unroll), g.count)
		JL(operand.LabelRef(name + "_rest"))
		Label(name + "_loop")
		k.steps(g, sums, unroll)
		SUBQ(operand.U8(unroll), g.count)
		JGE(operand.LabelRef(name + "_loop"))
		Label(name + "_rest")
		ADDQ(operand.U8(unroll), g.count)
	} else {
		TESTQ(g.count, g.count)
	}
	JE(operand.LabelRef(name + "_sums"))
	Label(name + "_step")
	k.steps(g, sums, 1)
	DECQ(g.count)
	JNE(operand.LabelRef(name + "_step"))
	Label(name + "_sums")
	k.finish(g, name, sums)
}

// prefetch asks for the tile of c, which is far away and needed when the sums
// are done.
func (k *kernel) prefetch(g *registers) {
	MOVQ(g.c, g.row)
	for i := range k.rows {
		if i > 0 {
			ADDQ(g.ldc, g.row)
		}
		for v := range k.vectors {
			PREFETCHT0(k.source.column(g.row, v))
		}
	}
}

// steps emits n steps of the sums.
func (k *kernel) steps(g *registers, sums [][]reg.VecVirtual, n int) {
	for s := range n {
		row := make([]reg.VecVirtual, len(sums[0]))
		for v := range row {
			row[v] = k.vector()
			k.source.load(s, v, row[v])
		}
		for i := range sums {
			factor := k.vector()
			k.broadcast(at(g.a, (s*k.rows+i)*k.size), factor)
			for v := range row {
				k.fma(row[v], factor, sums[i][v])
			}
		}
	}
	k.source.advance(n)
	ADDQ(operand.I32(n*k.rows*k.size), g.a)
}

// finish adds what is to be added and stores the rows that lie inside c.
func (k *kernel) finish(g *registers, name string, sums [][]reg.VecVirtual) {
	for v := range sums[0] {
		next := fmt.Sprintf("%s_vector%d", name, v)
		k.edge.each(v, next, func() { k.finishVector(g, v, next, sums) })
		Label(next)
	}
	ADDQ(g.ldc, g.row)
	MOVQ(g.row, g.c)
}

// finishVector does so for vector v of each row, and jumps to next if not all
// rows lie inside.
func (k *kernel) finishVector(g *registers, v int, next string, sums [][]reg.VecVirtual) {
	if g.bias != nil {
		k.edge.loadBias(at(g.bias, v*k.lanes()*k.size))
	}
	MOVQ(g.c, g.row)
	for i := range sums {
		if i > 0 {
			CMPQ(g.rows, operand.U8(i))
			JLE(operand.LabelRef(next))
			ADDQ(g.ldc, g.row)
		}
		k.edge.loadAddend(k.source.column(g.row, v))
		k.add(k.edge.addend(), sums[i][v], sums[i][v])
		if g.bias != nil {
			k.add(k.edge.bias(), sums[i][v], sums[i][v])
		}
		k.edge.store(sums[i][v], k.source.column(g.row, v))
	}
}
