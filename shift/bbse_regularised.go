package shift

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// regularised returns the θ of least ‖Cθ − b‖ + Δ‖θ‖. Where neither norm is 0
// its gradient vanishes for θ(λ) = (C'C + λ)⁻¹C'b with λ‖θ‖ = Δ‖Cθ − b‖, and the
// ratio of both sides grows with λ: it is bisected in the basis of the
// singular vectors.
func regularised(c *mat.Dense, b []float64, delta float64) []float64 {
	n := len(b)
	var svd mat.SVD
	theta := make([]float64, n)
	if !svd.Factorize(c, mat.SVDThin) {
		return theta
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	s := svd.Values(nil)
	along := make([]float64, n) // b in the basis of u
	for i := range along {
		along[i] = mat.Dot(u.ColView(i), mat.NewVecDense(n, b))
	}
	floor := s[0] * 1e-14 // below it a singular value is rounding
	// ratio is ‖C'r‖/‖r‖, = λ‖θ‖/‖r‖, for the residual r_i = λ b_i/(s_i² + λ).
	ratio := func(lambda float64) float64 {
		var top, bottom float64
		for i, x := range along {
			r := x / (s[i]*s[i]/lambda + 1)
			top += s[i] * s[i] * r * r
			bottom += r * r
		}
		return math.Sqrt(top / bottom)
	}
	coefficients := func(lambda float64) {
		for i, x := range along {
			if s[i] <= floor {
				continue
			}
			for j := range theta {
				theta[j] += x * s[i] / (s[i]*s[i] + lambda) * v.At(j, i)
			}
		}
	}
	lo, hi := math.Log(s[0]*s[0])-60, math.Log(s[0]*s[0])+60
	switch {
	case mat.Norm(mat.NewVecDense(n, b), 2) == 0 || ratio(math.Exp(hi)) <= delta:
		return theta // nothing to gain by leaving 0
	case ratio(math.Exp(lo)) >= delta:
		coefficients(0) // the residual itself is 0
		return theta
	}
	for range 200 {
		if mid := (lo + hi) / 2; ratio(math.Exp(mid)) < delta {
			lo = mid
		} else {
			hi = mid
		}
	}
	coefficients(math.Exp(hi))
	return theta
}
