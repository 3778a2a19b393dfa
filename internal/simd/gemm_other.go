//go:build !amd64

package simd

var (
	gemm32AVX2, gemm32AVX512 = gemmPortable[float32](), gemmPortable[float32]()
	gemm64AVX2, gemm64AVX512 = gemmPortable[float64](), gemmPortable[float64]()
)
