package shift_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/shift"
)

// BenchmarkEM is the workload prior_em: a million posteriors, ten classes,
// fifty iterations.
func BenchmarkEM(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	z := losses.Logits{Table: losses.Table{Classes: 10, Data: make([]float64, 10_000_000)}}
	for i := range z.Data {
		z.Data[i] = 2 * rng.NormFloat64()
	}
	p := z.Probs()
	train := make([]float64, 10)
	for k := range train {
		train[k] = 0.1
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := shift.EM(p, train, train, 50); err != nil {
			b.Fatal(err)
		}
	}
}
