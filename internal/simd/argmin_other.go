//go:build !amd64

package simd

import "math"

func roughDistances[F Float](dst, x, y []F) (done int) { return 0 }

func argMin[F Float](scores, rest []F, r F) (at int, best F, done int) {
	return 0, F(math.Inf(1)), 0
}

func countAtMost[F Float](scores []F, limit F) (count, done int) { return 0, 0 }

func addWide[F Float](sum []float64, x []F, s float64) (done int) { return 0 }

func leastTwo[F Float](at []int32, least, other, scores []F, stride int, rest, reach []F) (done int) {
	return 0
}

func addRowsWide[F Float](sum []float64, data []F, starts []int) (done int) { return 0 }

func fetch[F Float](x []F) {}
