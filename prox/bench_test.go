package prox_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/prox"
)

// Block soft threshold of each row of a 4096×1024 matrix, as bench's
// norm_prox_groups.
func BenchmarkApplyRows(b *testing.B) {
	const rows, width = 4096, 1024
	rng := rand.New(rand.NewPCG(1, 2))
	a, dst := make([]float32, rows*width), make([]float32, rows*width)
	for i := range a {
		a[i] = float32(rng.NormFloat64())
	}
	p := prox.Norm[float32]{Rho: prox.Linear{Lambda: 0.5}, Per: prox.PerRow}
	b.ReportAllocs()
	b.SetBytes(2 * 4 * rows * width)
	for b.Loop() {
		prox.Apply(p, []int{rows, width}, dst, a, 1)
	}
}

// What a radial function costs for each piece.
func BenchmarkLength(b *testing.B) {
	for _, c := range []struct {
		name string
		rho  prox.Radial
	}{
		{"linear", prox.Linear{Lambda: 0.5}}, {"log", prox.Log{Lambda: 2, Scale: 0.2}},
		{"power 2.5", prox.Power{Lambda: 0.5, P: 2.5}}, {"pseudo-Huber", prox.PseudoHuber{Lambda: 0.5, Delta: 1}},
		{"cosine", prox.Cosine{Lambda: 0.5, Omega: 6}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			a := 1.0
			for b.Loop() {
				a = 1 + c.rho.Length(a, 0.3)/2
			}
		})
	}
}
