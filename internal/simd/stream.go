package simd

import (
	"unsafe"

	"github.com/klauspost/cpuid/v2"
)

// Large reports whether x is larger than what the caches of one core hold.
func Large[F Float](x []F) bool { return bytes(x) >= largeBytes }

const largeBytes = 8 << 20

// PastCaches reports whether x, if only written, is better written past the
// caches: whether it is large, and larger than a sixteenth of the last one, of
// which others have their parts. A store elsewhere first reads the line that it
// writes, and throws out of the cache what is wanted sooner; but an array that
// fits there is soon wanted itself.
func PastCaches[F Float](x []F) bool { return bytes(x) >= pastBytes }

var pastBytes = max(largeBytes, cpuid.CPU.Cache.L3/16)

func bytes[F Float](x []F) int { return len(x) * int(unsafe.Sizeof(F(0))) }

// ScaleNext is [Scale] that fetches next, which will be read next and is as long
// as x, into the caches.
func ScaleNext[F Float](dst, x, next []F, s F) {
	scaleNext("simd.ScaleNext", table[F]().scaleNext, dst, x, next, s)
}

// ScaleStream is [ScaleNext] that writes dst, which is not x, past the caches,
// if it begins at a multiple of 32 bytes: memory then reads and writes at the
// same time. The last of several calls is followed by a [Fence].
func ScaleStream[F Float](dst, x, next []F, s F) {
	k := table[F]()
	scaleNext("simd.ScaleStream", streaming(dst, k.scaleStream, k.scaleNext), dst, x, next, s)
}

// scaleNext is run, but for rows of a matrix, which are many and short: what run
// moves about for each takes as long as an eighth of a row from memory.
func scaleNext[F Float](op string, loop loop[F], dst, x, next []F, s F) {
	if n := len(dst); 0 < n && n <= block && len(x) == n && len(next) == n {
		loop(dst, x, next, [4]F{s})
		return
	}
	run(op, loop, streams[F]{dst: dst, a: x, b: next, s: [4]F{s}})
}

// Fence makes what was written past the caches visible to all processors before
// whatever is written after it, as other writes are by themselves.
func Fence() { fence() }

// streaming chooses between a loop that writes dst past the caches and the
// plain one.
func streaming[F Float](dst []F, stream, plain loop[F]) loop[F] {
	if unaligned(dst) {
		return plain
	}
	return stream
}

// unaligned reports whether x begins elsewhere than at a multiple of 32 bytes.
func unaligned[F Float](x []F) bool { return address(x)%32 != 0 }

// pagesAlike reports whether x and y begin at nearly the same place of their
// pages: stores past the caches to the two would hold each other up.
func pagesAlike[F Float](x, y []F) bool {
	const near = 256
	return (address(x)-address(y)+near)%page < 2*near
}

func address[F Float](x []F) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(x))) }
