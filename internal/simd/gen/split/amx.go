package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The assembler knows no AMX: its instructions are emitted byte by byte, with
// registers of our choice.

// emit writes the bytes of an instruction.
func emit(code ...byte) {
	for _, b := range code {
		Instruction(&ir.Instruction{Opcode: "BYTE", Operands: []operand.Op{operand.U8(b)}})
	}
}

// Numbers of general registers in an encoding.
const ax, dx, bx, si, di = 0, 2, 3, 6, 7

// tileMemory is the instruction that moves tile t from or to memory: rows of 64
// bytes, as far apart as the index register says, the first at base + disp.
func tileMemory(prefix byte, t, base, index, disp int) {
	emit(0xC4, 0xE2, 0x78|prefix, 0x4B, byte(0x84|t<<3), byte(index<<3|base), byte(disp), byte(disp>>8), byte(disp>>16), byte(disp>>24))
}

func tileLoad(t, base, index, disp int)  { tileMemory(3, t, base, index, disp) }
func tileStore(t, base, index, disp int) { tileMemory(2, t, base, index, disp) }

func tileZero(t int) { emit(0xC4, 0xE2, 0x7B, 0x49, byte(0xC0|t<<3)) }

// tileConfigure takes the shapes that register ax points to.
func tileConfigure() { emit(0xC4, 0xE2, 0x78, 0x49, 0x00) }

func tileRelease() { emit(0xC4, 0xE2, 0x78, 0x49, 0xC0) }

// tileProduct adds the product of tiles a and b of bfloat16 to sums (TDPBF16PS).
func tileProduct(sums, a, b int) {
	emit(0xC4, 0xE2, byte(^b&15<<3|2), 0x5C, byte(0xC0|sums<<3|a))
}

// configuration is the shape of the eight tiles: 16 rows of 64 bytes.
func configuration() {
	GLOBL("tileShapes", RODATA|NOPTR)
	DATA(0, operand.U64(1))
	DATA(8, operand.U64(0))
	for i := range 2 {
		DATA(16+8*i, operand.U64(0x0040_0040_0040_0040))
	}
	for i := range 2 {
		DATA(32+8*i, operand.U64(0))
	}
	DATA(48, operand.U64(0x1010_1010_1010_1010))
	DATA(56, operand.U64(0))
}

// rowBytes is how many a row of sums has.
const rowBytes = 4 * side

// half is the side of a tile of AMX, and partBytes the size of the two that
// hold one part of a block.
const half, partBytes = side / 2, 2 * 1024

// order is in which order products of parts are added, small ones first; two
// that follow one another share a part. What is left out is at most as large as
// the rounding of one product.
var order = [...]struct{ a, b int }{{0, 2}, {0, 1}, {1, 1}, {1, 0}, {2, 0}, {0, 0}}

// product writes the micro-kernel: a walk down the tiles of 32 columns. Tiles 0
// to 3 of the processor are the sums, 4 and 5 the parts of a, 6 and 7 those of
// b. A tile of c is finished after the first block of the next (and the last
// after a turn without one): sums that have just been stored are slow to come
// back. General registers are chosen by hand, for the assembler does not see
// who uses them.
func product() {
	TEXT("mulPartsAMX", NOSPLIT, "func(c *float32, ldc int, a, b *uint16, blocks, rows, cols int, scale float32, bias *float32, add int, floor float32, addend, scales, sums *float32)")
	Pragma("noescape")
	Doc("mulPartsAMX multiplies so many blocks of parts, at least one, of rows of a and of 32 columns of b, of which cols are wanted, and finishes them: see mulPartsPortable.",
		"Sums has room for two tiles.")
	LEAQ(operand.NewDataAddr(operand.NewStaticSymbol("tileShapes"), 0), reg.RAX)
	tileConfigure()
	MOVQ(operand.U32(64), reg.RAX)
	MOVQ(operand.U32(rowBytes), reg.RBX)
	Load(Param("a"), reg.RSI)
	Load(Param("sums"), reg.RDX)
	ADDQ(operand.I32(side*rowBytes), param("sums"))
	Load(Param("rows"), reg.R10)
	f := newFinish()
	VXORPS(reg.X8, reg.X8, reg.X8)
	XORQ(reg.R15, reg.R15) // rows of the tile that waits
	Label("tile")
	for t := range 4 {
		tileZero(t)
	}
	Load(Param("b"), reg.RDI)
	Load(Param("blocks"), reg.RCX)
	TESTQ(reg.R10, reg.R10)
	JEQ(operand.LabelRef("finish"))
	f.prefetch()
	step()
	Label("finish")
	f.rows()
	TESTQ(reg.R10, reg.R10)
	JEQ(operand.LabelRef("done"))
	JMP(operand.LabelRef("next"))
	Label("block")
	step()
	Label("next")
	DECQ(reg.RCX)
	JNE(operand.LabelRef("block"))
	for t := range 4 {
		tileStore(t, dx, bx, t/2*half*rowBytes+t%2*half*4)
	}
	f.wait()
	JMP(operand.LabelRef("tile"))
	Label("done")
	tileRelease()
	VZEROUPPER()
	RET()
}

// step adds the products of a block. A part is loaded as soon as the one before
// it in its tile is used no more. Units for vectors that have had nothing to do
// for half a microsecond are put to sleep, and sums are stored through them: an
// addition of zeros keeps them awake, which makes tiles of 256 steps a fifth
// faster.
func step() {
	type move struct{ tile, base, disp int }
	var products [][3]int
	loads := map[int][]move{} // after so many products
	holds, free := map[int]int{}, map[int]int{}
	need := func(tile, base, part, of int) {
		if held, ok := holds[tile]; !ok || held != part {
			loads[free[tile]] = append(loads[free[tile]], move{tile, base, part*partBytes + of*partBytes/2})
			holds[tile] = part
		}
		free[tile] = len(products) + 1
	}
	for _, p := range order {
		for t := range 4 {
			a, b := 4+t/2, 6+t%2
			need(a, si, p.a, t/2)
			need(b, di, p.b, t%2)
			products = append(products, [3]int{t, a, b})
		}
	}
	for i := range products {
		for _, m := range loads[i] {
			tileLoad(m.tile, m.base, ax, m.disp)
		}
		tileProduct(products[i][0], products[i][1], products[i][2])
	}
	ADDQ(operand.I32(parts*partBytes), reg.RSI)
	ADDQ(operand.I32(parts*partBytes), reg.RDI)
	VADDPS(reg.Z8, reg.Z8, reg.Z8)
}
