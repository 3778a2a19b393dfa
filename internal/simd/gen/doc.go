// Package gen holds the programs that write the assembly of internal/simd, in
// a module of their own so that nobody who imports gradus needs avo, and what
// they share. Each rewrites its own z files and always writes the same bytes:
//
//	go -C internal/simd/gen run ./gemm
//	go -C internal/simd/gen run ./elementwise
package gen
