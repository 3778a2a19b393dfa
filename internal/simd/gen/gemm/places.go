package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// places is the micro-kernel for convolutions, which packs nothing of the image:
// a step is a tap, at an offset from a list, and the two vectors of a tile are
// stretches of places anywhere in the image and in a row of c. Three panels of
// weights are taken at a time.
type places struct {
	tiles
	edge         *edge512
	from         [2]reg.GPVirtual // the image, from the first place of each vector on
	starts, here reg.GPVirtual    // offsets of the taps; of the step at hand
	second       reg.GPVirtual    // from the first vector of a row of c to the second
}

// placesTogether is how many panels of weights are taken at a time.
const placesTogether = 3

// kernelPlaces writes the micro-kernel.
func kernelPlaces(e element) {
	p := &places{tiles: tiles{element: e, level: avx512}, edge: &edge512{element: e}}
	TEXT("places"+e.suffix+"AVX512", NOSPLIT, fmt.Sprintf("func(c *%[1]s, ldc, second int, a, b0, b1 *%[1]s, starts *int, steps, rows, inside int, start *%[1]s, add int)", e.goType))
	Pragma("noescape")
	Doc(fmt.Sprintf("places%sAVX512 is a micro-kernel with tiles of %d rows and two stretches of %d places; see MulPlaces.", e.suffix, tileRows, p.lanes()))
	p.c, p.rows = argument("c"), argument("rows")
	p.from = [2]reg.GPVirtual{argument("b0"), argument("b1")}
	p.second = argument("second")
	inside := argument("inside")
	SHRQ(operand.U8(p.lanes()), inside)
	JEQ(operand.LabelRef(walkName(1)))
	for _, vectors := range []int{2, 1} {
		walk(walkName(vectors), p.rows, placesTogether, func(name string, height int) { p.tile(name, height, vectors) })
	}
}

// tile computes a tile and goes to the next.
func (p *places) tile(name string, height, vectors int) {
	sums, start := p.sums(height, vectors), argument("start")
	for i := range sums {
		for _, sum := range sums[i] {
			p.broadcast(at(start, i*p.size), sum)
		}
	}
	ADDQ(operand.U8(height*p.size), start)
	MOVQ(start, param("start"))
	p.begin(height)
	row := GP64()
	MOVQ(p.c, row)
	for i := range height {
		if i > 0 {
			LEAQ(operand.Mem{Base: row, Index: argument("ldc"), Scale: uint8(p.size)}, row)
		}
		for v := range vectors {
			PREFETCHT0(p.column(row, v))
		}
	}
	p.loop(name, name+"_sums", func(n int) { p.steps(sums, n) })
	Label(name + "_sums")
	p.finish(name, sums)
}

// begin goes to the first tap.
func (p *places) begin(height int) {
	p.here, p.count = argument("starts"), argument("steps")
	next, panel := argument("a"), argument("steps")
	SHLQ(operand.U8(log2(tileRows*p.size)), panel)
	p.panels(next, panel, height)
}

// steps emits n taps.
func (p *places) steps(sums [][]reg.VecVirtual, n int) {
	offset := GP64()
	for s := range n {
		MOVQ(at(p.here, 8*s), offset)
		p.step(sums, s*tileRows, func(v int, row reg.Register) {
			p.load(operand.Mem{Base: p.from[v], Index: offset, Scale: uint8(p.size)}, row)
		})
	}
	for _, a := range p.a {
		ADDQ(operand.I32(n*tileRows*p.size), a)
	}
	ADDQ(operand.U8(8*n), p.here)
}

// column is vector v of a row of c.
func (p *places) column(row reg.GPVirtual, v int) operand.Mem {
	if v == 0 {
		return at(row, 0)
	}
	return operand.Mem{Base: row, Index: p.second, Scale: uint8(p.size)}
}

// finish adds what is to be added and stores what lies inside c.
func (p *places) finish(name string, sums [][]reg.VecVirtual) {
	row, ldc := GP64(), argument("ldc")
	p.edge.beginAt(argument("inside"), argument("add"))
	for v := range sums[0] {
		next := fmt.Sprintf("%s_vector%d", name, v)
		addend := p.vector()
		p.edge.each(v, next, func() {
			MOVQ(p.c, row)
			for i := range sums {
				if i > 0 {
					CMPQ(p.rows, operand.U8(i))
					JLE(operand.LabelRef(next))
					LEAQ(operand.Mem{Base: row, Index: ldc, Scale: uint8(p.size)}, row)
				}
				p.edge.loadAddend(p.column(row, v), addend)
				p.add(addend, sums[i][v], sums[i][v])
				p.edge.store(sums[i][v], p.column(row, v))
			}
		})
		Label(next)
	}
	LEAQ(operand.Mem{Base: row, Index: ldc, Scale: uint8(p.size)}, p.c)
}
