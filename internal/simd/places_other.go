//go:build !amd64

package simd

func placesVectors[F Float](c []F, ldc, rows int, a, src []F, starts []int, runs []Run, start []F, add bool) {
	panic("simd: no vector level")
}
