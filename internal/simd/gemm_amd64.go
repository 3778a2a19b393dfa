package simd

import (
	"math"
	"unsafe"
)

//go:generate go -C gen run ./gemm

// kernelRows is the height of the tiles of all micro-kernels in assembly.
const kernelRows = 4

var (
	gemm32AVX2 = gemmKernel[float32]{rows: kernelRows, cols: 24, together: 1, partA: 1 << 15, partB: 3 << 14, crowds: true, anywhere: true, packs: 8,
		run: func(p panel[float32]) { p.call(gemmF32AVX2, zeros32[:]) }}
	gemm64AVX2 = gemmKernel[float64]{rows: kernelRows, cols: 12, together: 1, partA: 1 << 15, partB: 3 << 14, crowds: true, anywhere: true, packs: 4,
		run: func(p panel[float64]) { p.call(gemmF64AVX2, zeros64[:]) }}
	gemm32AVX512 = gemmKernel[float32]{rows: kernelRows, cols: 48, together: 2, partA: 1 << 14, partB: 3 << 16, anywhere: true, packs: 16,
		run: func(p panel[float32]) { p.call(gemmF32AVX512, zeros32[:]) }}
	gemm64AVX512 = gemmKernel[float64]{rows: kernelRows, cols: 24, together: 2, partA: 1 << 14, partB: 3 << 16, anywhere: true, packs: 8,
		run: func(p panel[float64]) { p.call(gemmF64AVX512, zeros64[:]) }}
)

// Zeros for kernels to start from or add, as many as the widest tile has.
var (
	zeros32 [48]float32
	zeros64 [24]float64
)

// call hands the panel to the assembly, which trusts it.
func (p *panel[F]) call(kernel func(c *F, ldc int, a *F, aRow, aStep, aTile int, b, from *F, fromStep, steps, rows, cols int, start *F, startStep int, bias *F, add int, floor F, addend, scales *F), zeros []F) {
	start, startStep := &zeros[0], 0
	if p.ends.Rows != nil {
		start, startStep = &p.ends.Rows[0], kernelRows
	}
	columns, floor := p.ends.arguments(zeros)
	kernel(&p.c[0], p.ldc, unsafe.SliceData(p.a), p.aRow, p.aStep, p.aTile, unsafe.SliceData(p.b), unsafe.SliceData(p.from), p.fromStep, p.steps, p.rows, p.cols, start, startStep, columns, index(p.ends.Add), floor, unsafe.SliceData(p.ends.Addend), unsafe.SliceData(p.ends.Scales))
}

// arguments are what kernels add to the columns, and the least that they store.
func (e *Ends[F]) arguments(zeros []F) (columns *F, floor F) {
	columns, floor = &zeros[0], F(math.Inf(-1))
	if e.Columns != nil {
		columns = &e.Columns[0]
	}
	if e.ReLU {
		floor = 0
	}
	return columns, floor
}
