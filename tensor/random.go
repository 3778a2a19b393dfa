package tensor

import "math/rand/v2"

// Normal fills t with independent draws from N(mean, std²).
func Normal[F Float](t *Tensor[F], rng *rand.Rand, mean, std float64) {
	for i := range t.Data {
		t.Data[i] = F(mean + std*rng.NormFloat64())
	}
}

// Uniform fills t with independent draws from the uniform distribution on
// [lo, hi).
func Uniform[F Float](t *Tensor[F], rng *rand.Rand, lo, hi float64) {
	for i := range t.Data {
		t.Data[i] = F(lo + (hi-lo)*rng.Float64())
	}
}
