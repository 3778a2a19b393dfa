package prox

import (
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// ProjectLpBall is [ProjectL2Ball] for (Σ|x|^p)^(1/p) ≤ radius, p ≥ 1, +Inf
// included. Each element solves l + c·l^(p−1) = |v| and is clipped, which is
// the proximal map of [Power]; the one c ≥ 0 that the ball allows is found by
// bisection, and taken from the side that lies inside. It returns a
// [*DomainError] for p < 1 too. Source: docs/linearised-attack.md.
func ProjectLpBall[F tensor.Float](dst, v []F, p, radius float64, lo, hi []F) error {
	switch {
	case p == 1:
		return ProjectL1Ball(dst, v, radius, lo, hi)
	case p == 2:
		return ProjectL2Ball(dst, v, radius, lo, hi)
	case math.IsInf(p, 1):
		return ProjectLInfBall(dst, v, radius, lo, hi)
	case !(p > 1):
		return invalid("the norm has p = %v: want 1 to +Inf", p)
	}
	sameLength("prox.ProjectLpBall", dst, v)
	if err := checkBall(v, radius, lo, hi); err != nil {
		return err
	}
	size := float64(simd.AbsMax(v)) // lengths are relative to it
	if size == 0 || radius == 0 {
		clear(dst)
		return nil
	}
	length := func(x F, i int, c float64) float64 {
		l := math.Abs(float64(x)) / size
		if c > 0 {
			l = Power{Lambda: 1, P: p}.Length(l, c)
		}
		return min(l, room(x, i, lo, hi)/size)
	}
	// excess is positive where c leaves the point outside the ball.
	excess := func(c float64) float64 {
		sum := 0.0
		for i, x := range v {
			sum += math.Pow(length(x, i, c)*size/radius, p)
		}
		return sum - 1
	}
	c := 0.0
	if excess(0) > 0 {
		outside := 1.0
		for c = 1; excess(c) > 0; c *= 16 {
			outside = c
		}
		for excess(outside) <= 0 {
			c, outside = outside, outside/16
		}
		for range 60 {
			middle := math.Sqrt(c * outside)
			if excess(middle) > 0 {
				outside = middle
			} else {
				c = middle
			}
		}
	}
	for i, x := range v {
		dst[i] = clipTo(F(math.Copysign(length(x, i, c)*size, float64(x))), i, lo, hi)
	}
	return nil
}
