package prox

import (
	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// RadialJacobian writes the derivative of a ↦ z, the proximal map of ρ(‖x‖), to
// dst [n, n], row by row: with u = a/‖a‖ and l = ‖z‖,
//
//	J = (l/‖a‖)·(I − uuᵀ) + uuᵀ/(1 + step·ρ″(l)),
//
// and J = 0 where z = 0 in a neighbourhood of a. At a jump of the map it is the
// derivative on the side of z. It returns a [*DomainError] where rho or step is
// outside its domain, a is not finite, or a = 0 and a whole sphere is optimal.
// Source: docs/norm-prox.md.
func RadialJacobian[F tensor.Float](dst, a []F, rho Smooth, step float64) error {
	n := len(a)
	if len(dst) != n*n {
		panic(tensor.Mismatch("prox.RadialJacobian", "a destination [n n] for a point [n]", []int{len(dst)}, []int{n}))
	}
	norm := simd.Norm(a)
	l, why, err := Certify(rho, norm, step)
	if err != nil {
		return err
	}
	clear(dst)
	radial, across := 1/(1+step*rho.Curvature(l)), 0.0
	switch {
	case why == Sphere:
		return domain.Errorf(domain.ZeroNorm, "prox: no Jacobian at a = 0, where every vector of norm %v is optimal", l)
	case norm == 0:
		if rho.Slope(0) != 0 {
			return nil // inside the threshold
		}
		for i := range n {
			dst[i*n+i] = F(radial)
		}
		return nil
	case l == 0:
		return nil
	}
	across = l / norm
	for i, v := range a {
		u := float64(v) / norm
		for j, w := range a {
			dst[i*n+j] = F((radial - across) * u * (float64(w) / norm))
		}
		dst[i*n+i] += F(across)
	}
	return nil
}
