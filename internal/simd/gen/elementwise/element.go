package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

type instruction func(ops ...operand.Op)

// element is float32 or float64: its instructions and the constants of the
// functions.
type element struct {
	bits, size, mantissa int // mantissa: stored bits of it
	goType, suffix       string
	instructions
	polynomials
}

// instructions that differ between the elements. Operands stand in Go's order,
// the reverse of the processor manuals'.
type instructions struct {
	move, moveZero, broadcast          instruction
	streamed                           instruction // a store past the caches
	maskMove                           instruction
	add, sub, mul, div, min, max, sqrt instruction
	fma213, fma231, fnma231, fms213    instruction
	and, or, xor, compare, blendK      instruction
	blendV, scalef                     instruction
	addInt, shiftLeft, shiftRight      instruction
}

func two(f func(a, b operand.Op)) instruction {
	return func(ops ...operand.Op) { f(ops[0], ops[1]) }
}

func three(f func(a, b, c operand.Op)) instruction {
	return func(ops ...operand.Op) { f(ops[0], ops[1], ops[2]) }
}

func four(f func(a, b, c, d operand.Op)) instruction {
	return func(ops ...operand.Op) { f(ops[0], ops[1], ops[2], ops[3]) }
}

func float32s() *element {
	return &element{bits: 32, size: 4, mantissa: 23, goType: "float32", suffix: "F32", polynomials: polynomials32,
		instructions: instructions{
			move: build.VMOVUPS, moveZero: three(build.VMOVUPS_Z), broadcast: build.VBROADCASTSS, maskMove: three(build.VMASKMOVPS), streamed: two(build.VMOVNTPS),
			add: build.VADDPS, sub: build.VSUBPS, mul: build.VMULPS, div: build.VDIVPS, min: build.VMINPS, max: build.VMAXPS, sqrt: build.VSQRTPS,
			fma213: build.VFMADD213PS, fma231: build.VFMADD231PS, fnma231: build.VFNMADD231PS, fms213: build.VFMSUB213PS,
			and: build.VANDPS, or: build.VORPS, xor: build.VXORPS, compare: build.VCMPPS,
			blendK: build.VBLENDMPS, blendV: four(build.VBLENDVPS), scalef: build.VSCALEFPS,
			addInt: build.VPADDD, shiftLeft: build.VPSLLD, shiftRight: build.VPSRLD,
		}}
}

func float64s() *element {
	return &element{bits: 64, size: 8, mantissa: 52, goType: "float64", suffix: "F64", polynomials: polynomials64,
		instructions: instructions{
			move: build.VMOVUPD, moveZero: three(build.VMOVUPD_Z), broadcast: build.VBROADCASTSD, maskMove: three(build.VMASKMOVPD), streamed: two(build.VMOVNTPD),
			add: build.VADDPD, sub: build.VSUBPD, mul: build.VMULPD, div: build.VDIVPD, min: build.VMINPD, max: build.VMAXPD, sqrt: build.VSQRTPD,
			fma213: build.VFMADD213PD, fma231: build.VFMADD231PD, fnma231: build.VFNMADD231PD, fms213: build.VFMSUB213PD,
			and: build.VANDPD, or: build.VORPD, xor: build.VXORPD, compare: build.VCMPPD,
			blendK: build.VBLENDMPD, blendV: four(build.VBLENDVPD), scalef: build.VSCALEFPD,
			addInt: build.VPADDQ, shiftLeft: build.VPSLLQ, shiftRight: build.VPSRLQ,
		}}
}
