package simd

import (
	"syscall"

	"golang.org/x/sys/cpu"
)

// hasTiles reports whether the processor multiplies tiles of bfloat16, and the
// kernel lets this process have the registers for them, which are asked for
// because they make what it saves of a thread three times as large.
func hasTiles() bool {
	const request, tileData = 0x1023, 18 // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
	if !cpu.X86.HasAMXTile || !cpu.X86.HasAMXBF16 {
		return false
	}
	_, _, err := syscall.RawSyscall(syscall.SYS_ARCH_PRCTL, request, tileData, 0)
	return err == 0
}
