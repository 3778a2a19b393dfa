//go:build !amd64

package simd

func maxOfFourVectors[F Float](y []F, index []int32, x []F, width, rows, cols int) int { return 0 }

func maxOfFourPullVectors[F Float](dx, dy []F, index []int32, width, rows, cols int) int { return 0 }
