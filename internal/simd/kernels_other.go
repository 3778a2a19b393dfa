//go:build !amd64

package simd

func vector32(Level) kernels[float32] { return portable[float32]() }
func vector64(Level) kernels[float64] { return portable[float64]() }
