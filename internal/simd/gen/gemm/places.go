package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// places is a source of what the taps of a convolution read: a step is a tap,
// at an offset from a list, and the two vectors of a tile are stretches of
// places anywhere in the image and in a row of c.
type places struct {
	*kernel
	b            [2]reg.GPVirtual // the image, from the first place of each vector on
	starts, here reg.GPVirtual    // offsets of the taps; of the step at hand
	second       reg.GPVirtual    // from the first vector of a row of c to the second
	offset       reg.GPVirtual
}

func (p *places) begin() { MOVQ(p.starts, p.here) }

func (p *places) load(step, v int, row reg.Register) {
	if v == 0 {
		MOVQ(at(p.here, 8*step), p.offset)
	}
	p.kernel.load(operand.Mem{Base: p.b[v], Index: p.offset, Scale: uint8(p.size)}, row)
}

func (p *places) advance(steps int) { ADDQ(operand.U8(8*steps), p.here) }

func (p *places) column(row reg.GPVirtual, v int) operand.Mem {
	if v == 0 {
		return at(row, 0)
	}
	return operand.Mem{Base: row, Index: p.second, Scale: 1}
}

// kernelPlaces writes the micro-kernel for convolutions, which packs nothing of
// the image.
func kernelPlaces(e element) {
	name := "places" + e.suffix + "AVX512"
	k, edge := tiles512(e)
	TEXT(name, NOSPLIT, fmt.Sprintf("func(c *%[1]s, ldc, second int, a, b0, b1 *%[1]s, starts *int, steps, rows, inside int, start *%[1]s, add int)", k.goType))
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is a micro-kernel with tiles of %d rows and two stretches of %d places; see MulPlaces.", name, k.rows, k.lanes()))
	g := &registers{
		c: argument("c"), ldc: argument("ldc"), a: argument("a"), steps: argument("steps"), rows: argument("rows"),
		start: argument("start"), count: GP64(), row: GP64(),
	}
	p := &places{
		kernel: k, b: [2]reg.GPVirtual{argument("b0"), argument("b1")},
		starts: argument("starts"), here: GP64(), second: argument("second"), offset: GP64(),
	}
	k.source = p
	inside := argument("inside")
	edge.setup(inside, argument("add"))
	k.bytes(g.ldc)
	k.bytes(p.second)
	TESTQ(inside, inside)
	JE(operand.LabelRef("vectors1"))
	k.walks(g)
}
