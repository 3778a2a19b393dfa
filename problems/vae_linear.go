package problems

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/vae"
)

type elboIn struct {
	W   [][]float64 `json:"W"`
	C   []float64   `json:"c"`
	M   [][]float64 `json:"m"`
	S   [][]float64 `json:"s"`
	X   [][]float64 `json:"x"`
	Var float64     `json:"var"`
}

type elboOut struct {
	Squared []float64 `json:"expected_sq_norm"`
	KL      []float64 `json:"kl"`
	ELBO    float64   `json:"elbo"`
	VarOpt  float64   `json:"var_opt"`
	ELBOOpt float64   `json:"elbo_opt"`
}

func vaeLinear() Operation {
	return operation(definition[elboIn, elboOut]{
		name:   "elbo_linear_gaussian",
		method: "codes of two values for each moment; quadrature; brute-force maximisation",
		solve: func(in elboIn) (out elboOut, err error) {
			b, err := vae.LinearDecoder{W: in.W, C: in.C}.ELBO(in.M, in.S, in.X, in.Var)
			if err != nil {
				return out, err
			}
			return elboOut{b.ExpectedSquaredNorm, b.KL, b.ELBO, b.OptimalVariance, b.OptimalELBO}, nil
		},
		draw: func(rng *rand.Rand) elboIn {
			batch, d, k := 1+rng.IntN(2), 1+rng.IntN(3), 1+rng.IntN(2)
			in := elboIn{normals(rng, d, k), normal(rng, d), normals(rng, batch, k), make([][]float64, batch), normals(rng, batch, d), between(rng, 0.2, 2)}
			for i := range in.S {
				in.S[i] = uniform(rng, k, 0.2, 1.5)
			}
			return in
		},
		check: func(c *Comparison, in elboIn, out elboOut) {
			d, k := len(in.C), len(in.M[0])
			squared, kl := make([]float64, len(in.X)), make([]float64, len(in.X))
			mean, meanKL := 0.0, 0.0
			for b, x := range in.X {
				// The square is of second degree in z: two values a code are enough.
				signs(k, func(sign []float64) {
					for j := range x {
						r := x[j] - in.C[j]
						for i, w := range in.W[j] {
							r -= w * (in.M[b][i] + in.S[b][i]*sign[i])
						}
						squared[b] += r * r / float64(int(1)<<k)
					}
				})
				for i, m := range in.M[b] {
					s := in.S[b][i]
					kl[b] += expectNormal(func(z float64) float64 {
						t := (z - m) / s
						return z*z/2 - t*t/2 - math.Log(s)
					}, m, s*s)
				}
				mean += squared[b] / float64(len(in.X))
				meanKL += kl[b] / float64(len(in.X))
			}
			r := mean / float64(d)
			at, best := bestLikelihood(r)
			c.vector("expected_sq_norm", out.Squared, squared, 1e-12)
			c.vector("kl", out.KL, kl, 1e-11)
			c.near("elbo", out.ELBO, float64(d)*logLikelihood(r, in.Var)-meanKL, 1e-11)
			c.near("var_opt", out.VarOpt, at, 1e-5)
			c.near("elbo_opt", out.ELBOOpt, float64(d)*best-meanKL, 1e-10)
		},
	})
}
