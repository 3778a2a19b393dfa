package problems

import (
	"fmt"
	"math/rand/v2"
)

// number, vector and matrix return the values of an instance that Draw made.

func (at Instance) number(name string) float64     { return at[name].(float64) }
func (at Instance) vector(name string) []float64   { return at[name].([]float64) }
func (at Instance) matrix(name string) [][]float64 { return at[name].([][]float64) }

// niceDistribution draws n ≤ 8 positive probabilities: eighths for small
// sizes, any for large ones.
func niceDistribution(rng *rand.Rand, size, n int) []float64 {
	if size > 10 {
		return distribution(rng, n)
	}
	p := make([]float64, n)
	for i := range 8 {
		if i >= n {
			i = rng.IntN(n)
		}
		p[i] += 1. / 8
	}
	return p
}

// niceDistributions draws rows of them.
func niceDistributions(rng *rand.Rand, size, rows, n int) [][]float64 {
	m := make([][]float64, rows)
	for i := range m {
		m[i] = niceDistribution(rng, size, n)
	}
	return m
}

// short prints a number with the digits that a reader needs.
func short(v float64) string { return fmt.Sprintf("%.6g", v) }
