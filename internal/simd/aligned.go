package simd

import "unsafe"

// Make returns n zeros. A long slice is put on large pages where the system
// has them: what goes through it needs fewer translations of addresses, and the
// processor, which fetches ahead to the end of a page, goes on for longer.
func Make[F Float](n int) []F {
	x := make([]F, n)
	if size := n * int(unsafe.Sizeof(F(0))); size >= manyPages {
		useLargePages(unsafe.Pointer(&x[0]), size)
	}
	return x
}

// manyPages is from how many bytes on large pages are asked for. One holds two
// megabytes, but neighbours that ask for them share those at their ends.
const manyPages = 1 << 20

// Aligned is [Make] of a slice that starts at a cache line, so that no vector
// read from it in order straddles two.
func Aligned[F Float](n int) []F {
	const line = 64
	size := int(unsafe.Sizeof(F(0)))
	x := Make[F](n + line/size)
	skip := -int(uintptr(unsafe.Pointer(&x[0]))) & (line - 1) / size
	return x[skip : skip+n : skip+n]
}
