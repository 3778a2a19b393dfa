package simd

import "unsafe"

// Aligned returns a slice of n zeros that starts at a cache line, so that no
// vector read from it in order straddles two.
func Aligned[F Float](n int) []F {
	const line = 64
	size := int(unsafe.Sizeof(F(0)))
	x := make([]F, n+line/size)
	skip := -int(uintptr(unsafe.Pointer(&x[0]))) & (line - 1) / size
	return x[skip : skip+n : skip+n]
}
