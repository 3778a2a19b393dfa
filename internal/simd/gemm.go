package simd

import "github.com/klauspost/cpuid/v2"

// Ends says what the sums of [MulPacked] start with and what is done to them at
// the end.
type Ends[F Float] struct {
	Rows    []F  // what the sums of a row start with, as many as the panels of a have rows; nil for zeros
	Columns []F  // [cols], added to the sums of a column; nil for zeros
	Add     bool // add to c, instead of replacing it
	ReLU    bool // store 0 where what would be stored is less; NaN stays NaN

	// Addend, unless nil, lies as c does, and is added last: row i of c gets
	// Scales[i] times its row, rounded once. It does not go with ReLU.
	Addend, Scales []F
}

// Panels are columns of b for [MulPacked]. Where From is nil they are packed, as
// [Pack] lays them out; otherwise the product packs them, from steps of cols
// elements that lie Step apart. Some levels pack while they multiply, which
// costs less than to do so before.
type Panels[F Float] struct {
	Packed, From []F
	Step         int
}

// MulPacked computes a block of a matrix product from operands that [Pack] has
// laid out in panels as high and as wide as [Tile] says:
//
//	for i in [0, rows), j in [0, cols):
//		sum := Rows[i] + Σ a(i, p)·b(p, j), p ascending in [0, steps)
//		c[i·ldc+j] = (c[i·ldc+j] if Add, else 0) + sum + Columns[j] (+ Scales[i]·Addend[i·ldc+j])
//
// Vector levels round each product and its addition once, together. Which tile
// an element falls in does not change its bits. Nothing else of c is read or
// written. It panics if a slice is too short.
func MulPacked[F Float](c []F, ldc, rows, cols, steps int, a []F, b Panels[F], ends Ends[F]) {
	if rows <= 0 || cols <= 0 {
		return
	}
	k := gemmTable[F]()
	_ = a[:roundUp(rows, k.rows)*steps]
	k.mul(panel[F]{c: c, ldc: ldc, rows: rows, steps: steps, a: a, aRow: 1, aStep: k.rows, aTile: k.rows * steps, ends: ends}, b, cols)
}

// MulRows is [MulPacked] with an a that is read where it lies,
//
//	a(i, p) = a[i·rowStride + p]
//
// which saves packing it. Only for levels that do: see [ReadsRows].
func MulRows[F Float](c []F, ldc, rows, cols, steps int, a []F, rowStride int, b Panels[F], ends Ends[F]) {
	if rows <= 0 || cols <= 0 {
		return
	}
	if steps > 0 {
		_ = a[(rows-1)*rowStride+steps-1]
	}
	k := gemmTable[F]()
	k.mul(panel[F]{c: c, ldc: ldc, rows: rows, steps: steps, a: a, aRow: rowStride, aStep: 1, aTile: k.rows * rowStride, ends: ends}, b, cols)
}

// ReadsRows reports whether the level has [MulRows].
func ReadsRows() bool { return gemm32[active].anywhere }

// mul multiplies the rows of p with all panels of b.
func (k *gemmKernel[F]) mul(p panel[F], b Panels[F], cols int) {
	c, columns, addend, relu := p.c, p.ends.Columns, p.ends.Addend, p.ends.ReLU
	_ = c[(p.rows-1)*p.ldc+cols-1]
	if addend != nil {
		_, _ = addend[(p.rows-1)*p.ldc+cols-1], p.ends.Scales[p.rows-1]
	}
	_ = b.Packed[:roundUp(cols, k.cols)*p.steps]
	if p.ends.Rows != nil {
		_ = p.ends.Rows[:roundUp(p.rows, k.rows)]
	}
	from := b.From
	switch {
	case from == nil:
	case k.packs == 0 || p.steps == 0:
		Pack(b.Packed, k.cols, p.steps, from, 1, b.Step, cols, p.steps)
		from = nil
	default:
		_ = from[(p.steps-1)*b.Step+cols-1]
		p.fromStep = b.Step
	}
	for j := 0; j < cols; j += k.cols {
		p.c, p.b, p.cols = c[j:], b.Packed[j*p.steps:], min(k.cols, cols-j)
		if columns != nil {
			p.ends.Columns = columns[j:cols]
		}
		switch p.from = nil; {
		case from == nil:
		case p.cols%k.packs == 0:
			p.from = from[j:]
		default:
			Pack(p.b, k.cols, p.steps, from[j:], 1, b.Step, p.cols, p.steps)
		}
		switch p.ends.Addend = nil; {
		case addend == nil:
			k.run(p)
		case k.packs > 0 && p.cols%k.packs == 0 && p.rows%k.rows == 0:
			p.ends.Addend = addend[j:]
			k.run(p)
		default:
			k.run(p)
			p.addScaled(addend[j:])
		}
	}
	for i := 0; i < p.rows && relu && !k.anywhere; i++ {
		row := c[i*p.ldc:][:cols]
		table[F]().relu(row, row, row, [4]F{})
	}
}

// addScaled adds the addend of the panel to c, where the kernel does not.
func (p *panel[F]) addScaled(addend []F) {
	for i := range p.rows {
		row := p.c[i*p.ldc:][:p.cols]
		table[F]().addScaled(row, addend[i*p.ldc:][:p.cols], row, [4]F{p.ends.Scales[i]})
	}
}

// Tile returns how many rows and columns of a product the micro-kernel of F
// computes at a time.
func Tile[F Float]() (rows, cols int) {
	k := gemmTable[F]()
	return k.rows, k.cols
}

// Blocking says how a large product is best cut for the caches.
type Blocking struct {
	Rows int // that the micro-kernel takes at a time, of which a part of a is a multiple
	A, B int // elements of a part of each operand

	// Crowds says that rows of a that agree in the last twelve bits of their
	// addresses get in each other's way in the first cache.
	Crowds bool
}

// Blocks returns the blocking of F: of b no more than stays in the second cache,
// three eighths of it, for all parts of a, of a what stays there for all panels
// of b.
func Blocks[F Float]() Blocking {
	k := gemmTable[F]()
	return Blocking{Rows: k.together * k.rows, A: k.partA, B: min(k.partB, partB), Crowds: k.crowds}
}

// partB is three eighths of the second cache, which has at least 256 KiB, in
// float32.
var partB = max(256<<10, cpuid.CPU.Cache.L2) * 3 / 8 / 4

// gemmKernel is a micro-kernel with tiles of rows × cols.
type gemmKernel[F Float] struct {
	rows, cols int
	together   int  // tiles of rows that it takes at a time, if the panel of b is whole
	partA      int  // elements of a that a block of b is best multiplied with at a time
	partB      int  // elements of b in a block, if the second cache holds them
	crowds     bool // rows of a, in a first cache such as processors of the level have
	anywhere   bool // it reads rows of a wherever they lie, and does Ends.ReLU
	packs      int  // it packs panels of a multiple of so many columns, and adds to them in whole tiles; none if 0
	run        func(panel[F])
}

// panel is what a micro-kernel does in one call: all rows of a block, in one
// panel of columns.
type panel[F Float] struct {
	c, a, b                []F
	from                   []F // where b lies, if it is not packed yet, and how far its steps are apart
	fromStep               int
	ldc, steps, rows, cols int
	aRow, aStep, aTile     int // from a row of a tile of a to the next, a step (1, or the rows of a packed tile), a tile
	ends                   Ends[F]
}

// The micro-kernels, by level.
var (
	gemm32 = [...]gemmKernel[float32]{gemmPortable[float32](), gemm32AVX2, gemm32AVX512}
	gemm64 = [...]gemmKernel[float64]{gemmPortable[float64](), gemm64AVX2, gemm64AVX512}
)

func gemmTable[F Float]() *gemmKernel[F] {
	if k, ok := any(&gemm32[active]).(*gemmKernel[F]); ok {
		return k
	}
	return any(&gemm64[active]).(*gemmKernel[F])
}

func roundUp(n, size int) int { return (n + size - 1) / size * size }
