//go:build !amd64

package simd

func magnitudes(x []float32) (lanes [2][8]uint32, done int) { return noMagnitudes(), 0 }
