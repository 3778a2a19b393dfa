package simd

import "unsafe"

//go:generate go -C gen run ./gemm

var (
	gemm32AVX2   = gemmKernel[float32]{4, 24, func(p panel[float32]) { p.call(gemmF32AVX2, noBias32[:]) }}
	gemm64AVX2   = gemmKernel[float64]{4, 12, func(p panel[float64]) { p.call(gemmF64AVX2, noBias64[:]) }}
	gemm32AVX512 = gemmKernel[float32]{12, 32, func(p panel[float32]) { p.call(gemmF32AVX512, noBias32[:]) }}
	gemm64AVX512 = gemmKernel[float64]{12, 16, func(p panel[float64]) { p.call(gemmF64AVX512, noBias64[:]) }}
)

// What kernels add where there is no bias: zeros, as wide as the widest tile.
var (
	noBias32 [32]float32
	noBias64 [16]float64
)

// call hands the panel to the assembly, which trusts it.
func (p *panel[F]) call(kernel func(c *F, ldc int, a, b *F, steps, rows, cols int, bias *F, add int), noBias []F) {
	bias := p.bias
	if bias == nil {
		bias = noBias
	}
	kernel(&p.c[0], p.ldc, unsafe.SliceData(p.a), unsafe.SliceData(p.b), p.steps, p.rows, p.cols, &bias[0], index(p.add))
}

// transposeLanes packs four lanes of src, ld apart, for as many steps as whole
// vectors hold, and returns that number.
func transposeLanes[F Float](dst []F, width int, src []F, ld, steps int) int {
	if active == Portable {
		return 0
	}
	switch dst := any(dst).(type) {
	case []float32:
		if steps &^= 7; steps > 0 {
			transposeF32(&dst[0], width, &any(src).([]float32)[0], ld, steps)
		}
	case []float64:
		if steps &^= 3; steps > 0 {
			transposeF64(&dst[0], width, &any(src).([]float64)[0], ld, steps)
		}
	}
	return steps
}
