//go:build !(linux && amd64)

package simd

func hasTiles() bool { return false }
