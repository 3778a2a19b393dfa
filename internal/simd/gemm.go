package simd

// Ends says what the sums of [MulPacked] start with and what is added to them
// at the end.
type Ends[F Float] struct {
	Rows    []F  // what the sums of a row start with, as many as the panels of a have rows; nil for zeros
	Columns []F  // [cols], added to the sums of a column; nil for zeros
	Add     bool // add to c, instead of replacing it
}

// MulPacked computes a block of a matrix product from operands that [Pack] has
// laid out in panels as high and as wide as [Tile] says:
//
//	for i in [0, rows), j in [0, cols):
//		sum := Rows[i] + Σ a(i, p)·b(p, j), p ascending in [0, steps)
//		c[i·ldc+j] = (c[i·ldc+j] if Add, else 0) + sum + Columns[j]
//
// Vector levels round each product and its addition once, together. Which tile
// an element falls in does not change its bits. Nothing else of c is read or
// written. It panics if a slice is too short.
func MulPacked[F Float](c []F, ldc, rows, cols, steps int, a, b []F, ends Ends[F]) {
	if rows <= 0 || cols <= 0 {
		return
	}
	k := gemmTable[F]()
	p := panel[F]{c: c, ldc: ldc, rows: rows, steps: steps, a: a, ends: ends}
	_ = c[(rows-1)*ldc+cols-1]
	_ = a[:roundUp(rows, k.rows)*steps]
	_ = b[:roundUp(cols, k.cols)*steps]
	if ends.Rows != nil {
		_ = ends.Rows[:roundUp(rows, k.rows)]
	}
	for j := 0; j < cols; j += k.cols {
		p.c, p.b, p.cols = c[j:], b[j*steps:], min(k.cols, cols-j)
		if ends.Columns != nil {
			p.ends.Columns = ends.Columns[j:cols]
		}
		k.run(p)
	}
}

// Tile returns how many rows and columns of a product the micro-kernel of F
// computes at a time.
func Tile[F Float]() (rows, cols int) {
	k := gemmTable[F]()
	return k.rows, k.cols
}

// gemmKernel is a micro-kernel with tiles of rows × cols.
type gemmKernel[F Float] struct {
	rows, cols int
	run        func(panel[F])
}

// panel is what a micro-kernel does in one call: all rows of a block, in one
// panel of columns.
type panel[F Float] struct {
	c, a, b                []F
	ldc, steps, rows, cols int
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
