package prox

import "github.com/gradus-ml/gradus/tensor"

// Conjugate is the convex conjugate R*(z) = sup over x of ⟨z, x⟩ − R(x) of a
// convex penalty. Its proximal map, argmin over z of R*(z) + ‖z−a‖²/(2·step),
// comes from that of R by Moreau's identity,
//
//	prox of step·R* at a = a − step·(prox of R/step at a/step).
//
// It has no Value, for R* has none in closed form in general; Prox returns the
// one at its result, where Fenchel's inequality is an equality.
// Source: Moreau 1965.
type Conjugate[F tensor.Float] struct{ Of Penalty[F] }

// Validate asks the penalty.
func (c Conjugate[F]) Validate() error { return inner("Conjugate", c.Of) }

// Prox writes the proximal map of step·R* at a to dst, which may be a itself,
// and returns R*(dst). It allocates.
func (c Conjugate[F]) Prox(dst, a []F, step float64) float64 {
	sameLength("prox.Conjugate", dst, a)
	p := make([]F, len(a))
	for i, v := range a {
		p[i] = F(float64(v) / step)
	}
	value := c.Of.Prox(p, p, 1/step)
	product := 0.0
	for i, v := range a {
		dst[i] = F(float64(v) - step*float64(p[i]))
		product += float64(dst[i]) * float64(p[i])
	}
	return product - value
}
