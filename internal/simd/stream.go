package simd

import "unsafe"

// Large reports whether x, if only written, is better written past the caches.
// A store elsewhere first reads the line that it writes, and throws out of the
// cache what is wanted sooner; but an array that fits there is soon wanted
// itself.
func Large[F Float](x []F) bool { return len(x) >= 8<<20/int(unsafe.Sizeof(F(0))) }

// ScaleStream is [Scale] that writes dst, which is not x, past the caches, if
// it begins at a multiple of 32 bytes, and fetches next, which will be read
// next and is as long as x, into them: memory then reads and writes at the same
// time. The last of several calls is followed by a [Fence].
func ScaleStream[F Float](dst, x, next []F, s F) {
	k := table[F]()
	run("simd.ScaleStream", streaming(dst, k.scaleStream, k.scale), streams[F]{dst: dst, a: x, b: next, s: [4]F{s}})
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
