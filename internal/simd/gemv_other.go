//go:build !amd64

package simd

func dotsVectors[F Float](dst, x, m []F, ld int) (rows, steps int) { return 0, 0 }
func combineVectors[F Float](dst, x, m []F, ld int) int            { return 0 }
