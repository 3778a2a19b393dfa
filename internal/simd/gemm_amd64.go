package simd

import "unsafe"

//go:generate go -C gen run ./gemm

var (
	gemm32AVX2   = gemmKernel[float32]{4, 24, func(p panel[float32]) { p.call(gemmF32AVX2, 4, zeros32[:]) }}
	gemm64AVX2   = gemmKernel[float64]{4, 12, func(p panel[float64]) { p.call(gemmF64AVX2, 4, zeros64[:]) }}
	gemm32AVX512 = gemmKernel[float32]{12, 32, func(p panel[float32]) { p.call(gemmF32AVX512, 12, zeros32[:]) }}
	gemm64AVX512 = gemmKernel[float64]{12, 16, func(p panel[float64]) { p.call(gemmF64AVX512, 12, zeros64[:]) }}
)

// Zeros for kernels to start from or add, as many as the widest tile has.
var (
	zeros32 [32]float32
	zeros64 [16]float64
)

// call hands the panel to the assembly, which trusts it.
func (p *panel[F]) call(kernel func(c *F, ldc int, a, b *F, steps, rows, cols int, start *F, startStep int, bias *F, add int), tileRows int, zeros []F) {
	start, columns := p.ends.Rows, p.ends.Columns
	if start == nil {
		start, tileRows = zeros, 0
	}
	if columns == nil {
		columns = zeros
	}
	kernel(&p.c[0], p.ldc, unsafe.SliceData(p.a), unsafe.SliceData(p.b), p.steps, p.rows, p.cols, &start[0], tileRows, &columns[0], index(p.ends.Add))
}
