package simd

import (
	"syscall"
	"unsafe"
)

// useLargePages asks for transparent huge pages wherever x is. Without them
// everything works as well, only slower, so that the answer does not matter. The
// pages at its ends are asked for as a whole: neighbours, which may have asked
// alike, are welcome there, and a part of one would stay on small pages.
func useLargePages(x unsafe.Pointer, size int) {
	const large = 2 << 20
	lo := uintptr(x) &^ (large - 1)
	hi := (uintptr(x) + uintptr(size) + large - 1) &^ (large - 1)
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, lo, hi-lo, syscall.MADV_HUGEPAGE)
}
