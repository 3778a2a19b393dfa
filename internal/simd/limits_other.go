//go:build !amd64

package simd

func fmaLoop(rounds int) float64 { return fmaLoopPortable(rounds) }
