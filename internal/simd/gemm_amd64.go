package simd

import (
	"math"
	"unsafe"
)

//go:generate go -C gen run ./gemm

var (
	gemm32AVX2   = gemmKernel[float32]{4, 24, true, 8, func(p panel[float32]) { p.callAnywhere(gemmF32AVX2, 4, zeros32[:]) }}
	gemm64AVX2   = gemmKernel[float64]{4, 12, true, 4, func(p panel[float64]) { p.callAnywhere(gemmF64AVX2, 4, zeros64[:]) }}
	gemm32AVX512 = gemmKernel[float32]{12, 32, false, 0, func(p panel[float32]) { p.call(gemmF32AVX512, 12, zeros32[:]) }}
	gemm64AVX512 = gemmKernel[float64]{12, 16, false, 0, func(p panel[float64]) { p.call(gemmF64AVX512, 12, zeros64[:]) }}
)

// Zeros for kernels to start from or add, as many as the widest tile has.
var (
	zeros32 [32]float32
	zeros64 [16]float64
)

// call hands the panel to the assembly, which trusts it.
func (p *panel[F]) call(kernel func(c *F, ldc int, a, b *F, steps, rows, cols int, start *F, startStep int, bias *F, add int), tileRows int, zeros []F) {
	start, columns, tileRows := p.sources(tileRows, zeros)
	kernel(&p.c[0], p.ldc, unsafe.SliceData(p.a), unsafe.SliceData(p.b), p.steps, p.rows, p.cols, start, tileRows, columns, index(p.ends.Add))
}

// callAnywhere does so for a kernel that reads rows of a wherever they lie, and
// packs b.
func (p *panel[F]) callAnywhere(kernel func(c *F, ldc int, a *F, aRow, aStep, aTile int, b, from *F, fromStep, steps, rows, cols int, start *F, startStep int, bias *F, add int, floor F, addend, scales *F), tileRows int, zeros []F) {
	start, columns, tileRows := p.sources(tileRows, zeros)
	floor := F(math.Inf(-1))
	if p.ends.ReLU {
		floor = 0
	}
	kernel(&p.c[0], p.ldc, unsafe.SliceData(p.a), p.aRow, p.aStep, p.aTile, unsafe.SliceData(p.b), unsafe.SliceData(p.from), p.fromStep, p.steps, p.rows, p.cols, start, tileRows, columns, index(p.ends.Add), floor, unsafe.SliceData(p.ends.Addend), unsafe.SliceData(p.ends.Scales))
}

// sources returns where the sums start from, how far the next tile's start is,
// and what is added to columns.
func (p *panel[F]) sources(tileRows int, zeros []F) (start, columns *F, startStep int) {
	start, columns = &zeros[0], &zeros[0]
	if p.ends.Rows != nil {
		start, startStep = &p.ends.Rows[0], tileRows
	}
	if p.ends.Columns != nil {
		columns = &p.ends.Columns[0]
	}
	return start, columns, startStep
}
