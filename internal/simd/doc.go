// Package simd holds the inner loops: AVX-512 and AMX, AVX2 and portable Go
// behind plain Go signatures. Nothing above it knows of instruction sets.
//
// Each kernel has a portable twin, which is its specification and which a test
// holds it equal to at every length and offset. The doc comment of a kernel is
// its Go loop. Kernels split long slices over the processors in fixed blocks,
// so the bits do not depend on how many there are.
//
// The environment variable GRADUS_SIMD (portable, avx2, avx512 or amx) forces a
// lower level than the processor's.
package simd
