package prox

import (
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// SolvesDiagonal reports whether the penalty is convex in x and Rho smooth or
// a [Ball]: then ProxDiagonal is exact.
func (n Norm[F]) SolvesDiagonal() bool {
	rho, smooth := n.Rho.(Smooth)
	return smooth && rho.Convex(math.Inf(1)) && rho.Slope(0) >= 0
}

// ProxDiagonal minimises ρ(‖z‖) + Σ h_i·(z_i−a_i)²/(2·step) over one piece, for
// a metric h. Where z ≠ 0 it is
//
//	z_i = l·h_i·a_i/(h_i·l + step·ρ′(l)),
//
// with l the one root of ‖h·a/(h·l + step·ρ′(l))‖ = 1, whose left side falls
// in l since ρ is convex; z = 0 if and only if ‖h·a‖ ≤ step·ρ′(0). A [Ball] has
// a multiplier in place of ρ′(l)/l. Newton's method runs on the reciprocal of
// the norm, which is nearly linear (exactly, for ρ linear and h constant), as
// in the trust-region problem: Moré and Sorensen 1983.
func (n Norm[F]) ProxDiagonal(dst, a, metric []F, step float64) float64 {
	sameLength("prox.Norm", dst, a)
	sameLength("prox.Norm", metric, a)
	size, weighted := simd.Norm(a), weightedNorm(a, metric)
	if !(size <= math.MaxFloat64 && weighted <= math.MaxFloat64) {
		simd.Scale(dst, a, F(math.NaN()))
		return math.NaN()
	}
	rho := n.Rho.(Smooth)
	l, t := 1.0, 0.0
	if ball, ok := rho.(Ball); !ok {
		if weighted <= step*rho.Slope(0) {
			clear(dst)
			return rho.At(0)
		}
		l = newton(func(l float64) (float64, float64) {
			value, slope := secular(a, metric, size, l, step*rho.Slope(l), 1, step*rho.Curvature(l))
			return value - size, slope
		}, 0, size)
		t = step * rho.Slope(l)
	} else if size > ball.Radius {
		if ball.Radius == 0 {
			clear(dst)
			return 0
		}
		t = newton(func(t float64) (float64, float64) {
			value, slope := secular(a, metric, size, 1, t, 0, 1)
			return value - size/ball.Radius, slope
		}, 0, weighted/ball.Radius)
	}
	for i, v := range a {
		h := float64(metric[i])
		dst[i] = F(l * h / (h*l + t) * float64(v))
	}
	return n.Value(dst)
}

// weightedNorm returns ‖h·a‖.
func weightedNorm[F tensor.Float](a, h []F) float64 {
	norm := 0.0
	for i, v := range a {
		norm = math.Hypot(norm, float64(h[i])*float64(v))
	}
	return norm
}

// secular returns 1/‖h·u/(h·l + t)‖ for u = a/size, and its derivative along
// (dl, dt).
func secular[F tensor.Float](a, metric []F, size, l, t, dl, dt float64) (value, slope float64) {
	sum, fall := 0.0, 0.0
	for i, v := range a {
		h := float64(metric[i])
		w := h*l + t
		u := h * (float64(v) / size) / w
		sum += u * u
		fall += u * u * (dl*h + dt) / w
	}
	value = 1 / math.Sqrt(sum)
	return value, fall * value / sum
}
