package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

type instruction func(ops ...operand.Op)

// element is float32 or float64 and the instructions that differ between them.
type element struct {
	suffix, goType                 string
	size                           int
	broadcast, fma, add, max, load instruction
}

var elements = []element{
	{"F32", "float32", 4, build.VBROADCASTSS, build.VFMADD231PS, build.VADDPS, build.VMAXPS, build.VMOVUPS},
	{"F64", "float64", 8, build.VBROADCASTSD, build.VFMADD231PD, build.VADDPD, build.VMAXPD, build.VMOVUPD},
}

// at is the memory that lies disp bytes after what base points to.
func at(base reg.Register, disp int) operand.Mem { return operand.Mem{Base: base, Disp: disp} }

// bytes turns a number of elements into one of bytes.
func (e element) bytes(n reg.Register) { build.SHLQ(operand.U8(log2(e.size)), n) }

func log2(n int) int {
	if n == 1 {
		return 0
	}
	return 1 + log2(n/2)
}
