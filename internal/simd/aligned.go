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
func Aligned[F Float](n int) []F { return startingAt[F](n, 64, 0) }

// MidPage is [Make] of a slice that starts in the middle of a page, apart from
// where long slices start: two that are written past the caches at one place of
// their pages hold each other up.
func MidPage[F Float](n int) []F { return startingAt[F](n, page, page/2) }

const page = 4096

// startingAt makes a slice that starts so many bytes after a multiple of unit.
func startingAt[F Float](n, unit, bytes int) []F {
	size := int(unsafe.Sizeof(F(0)))
	x := Make[F](n + unit/size)
	skip := (bytes - int(address(x))) & (unit - 1) / size
	return x[skip : skip+n : skip+n]
}
