package problems

import (
	"math"
	"math/rand/v2"
)

// normal returns n numbers of the standard normal distribution, rounded to
// four digits so that instances can be read.
func normal(rng *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Round(rng.NormFloat64()*1e4) / 1e4
	}
	return x
}

// normals returns a matrix of normal numbers.
func normals(rng *rand.Rand, rows, columns int) [][]float64 {
	m := make([][]float64, rows)
	for i := range m {
		m[i] = normal(rng, columns)
	}
	return m
}

// between returns a number in [lo, hi), rounded to four digits.
func between(rng *rand.Rand, lo, hi float64) float64 {
	return lo + math.Floor((hi-lo)*1e4*rng.Float64())/1e4
}

// uniform returns n numbers in [lo, hi).
func uniform(rng *rand.Rand, n int, lo, hi float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = between(rng, lo, hi)
	}
	return x
}

// distribution returns n positive multiples of 1/4096 with sum 1.
func distribution(rng *rand.Rand, n int) []float64 {
	const parts = 4096
	x := make([]float64, n)
	left := float64(parts - n)
	for i := range x {
		share := left
		if i < n-1 {
			share = math.Floor(left * rng.Float64() * 2 / float64(n-i))
			share = min(share, left)
		}
		left -= share
		x[i] = (1 + share) / parts
	}
	return x
}

// distributions returns rows of distributions.
func distributions(rng *rand.Rand, rows, columns int) [][]float64 {
	m := make([][]float64, rows)
	for i := range m {
		m[i] = distribution(rng, columns)
	}
	return m
}

// definite returns a symmetric positive definite matrix, near the identity.
func definite(rng *rand.Rand, n int) [][]float64 {
	a := normals(rng, n, n)
	q := make([][]float64, n)
	for i := range q {
		q[i] = make([]float64, n)
		for j := range q[i] {
			for k := range n {
				q[i][j] += a[i][k] * a[j][k] / float64(n)
			}
		}
		q[i][i] += 0.1
	}
	return q
}
