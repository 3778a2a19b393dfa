package simd

import (
	"syscall"
	"unsafe"
)

// useLargePages asks for transparent huge pages under the pages of x. Without
// them everything works as well, only slower, so that the answer does not
// matter. The last page is included as a whole: what else is on it does not
// mind, and pages that ask alike can be joined.
func useLargePages(x unsafe.Pointer, size int) {
	page := uintptr(syscall.Getpagesize())
	lo := uintptr(x) &^ (page - 1)
	hi := (uintptr(x) + uintptr(size) + page - 1) &^ (page - 1)
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, lo, hi-lo, syscall.MADV_HUGEPAGE)
}
