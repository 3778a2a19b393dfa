package prox

import (
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// ProjectL2Ball writes the point nearest to v, in the Euclidean norm, among
// those with ‖x‖₂ ≤ radius and lo ≤ x ≤ hi, to dst, which may be v itself. Bounds
// lo ≤ 0 ≤ hi may be nil, for none. The point is clip(v·s, lo, hi) with the
// greatest s ≤ 1 that the ball allows; to project and then clip would be
// feasible but further. s² is found exactly, in finitely many Newton steps,
// since ‖clip(v·s)‖² is concave and piecewise linear in s².
//
// It returns a [*DomainError] if the radius is negative, v is not finite, or 0
// is not within the bounds. Source: docs/linearised-attack.md.
func ProjectL2Ball[F tensor.Float](dst, v []F, radius float64, lo, hi []F) error {
	sameLength("prox.ProjectL2Ball", dst, v)
	if err := checkBall(v, radius, lo, hi); err != nil {
		return err
	}
	size := float64(simd.AbsMax(v)) // squares are taken of v/size
	if size == 0 || radius == 0 {
		clear(dst)
		return nil
	}
	r := radius / size
	square, previous := 0.0, -1.0
	for square < 1 && square > previous {
		free, fixed := 0.0, 0.0
		s := math.Sqrt(square)
		for i, x := range v {
			w := math.Abs(float64(x)) / size
			if room := room(x, i, lo, hi) / size; w*s >= room && w > 0 && room < math.Inf(1) {
				fixed += room * room
			} else {
				free += w * w
			}
		}
		previous = square
		if left := r*r - fixed; free == 0 || left > free {
			square = 1
		} else {
			square = max(square, left/free)
		}
	}
	s := math.Sqrt(min(1, square))
	for i, x := range v {
		dst[i] = clipTo(F(s*float64(x)), i, lo, hi)
	}
	return nil
}

// ProjectL1Ball is [ProjectL2Ball] for ‖x‖₁ ≤ radius. The point is the clipped
// soft threshold clip(sign(v)·max(0, |v|−τ), lo, hi) with the least τ ≥ 0 that
// the ball allows. The norm falls piecewise linearly in τ: the piece is
// bracketed, then solved exactly. Source: docs/linearised-attack.md.
func ProjectL1Ball[F tensor.Float](dst, v []F, radius float64, lo, hi []F) error {
	sameLength("prox.ProjectL1Ball", dst, v)
	if err := checkBall(v, radius, lo, hi); err != nil {
		return err
	}
	// norm returns the norm at τ, and the number of entries that it falls by
	// as τ grows.
	norm := func(tau float64) (sum float64, falling int) {
		for i, x := range v {
			w, room := math.Abs(float64(x))-tau, room(x, i, lo, hi)
			switch {
			case w >= room:
				sum += room
			case w > 0:
				sum += w
				falling++
			}
		}
		return sum, falling
	}
	tau, below, above := 0.0, 0.0, float64(simd.AbsMax(v))
	for range 200 {
		sum, falling := norm(tau)
		if sum <= radius && (tau == 0 || sum == radius) {
			break
		}
		if sum > radius {
			below = tau
		} else {
			above = tau
		}
		next := tau + (sum-radius)/float64(falling)
		if !(next > below && next < above) {
			next = below + (above-below)/2
		}
		if math.Abs(next-tau) <= 1e-16*next || next == below || next == above {
			tau = next
			break
		}
		tau = next
	}
	for i, x := range v {
		w := F(max(0, math.Abs(float64(x))-tau))
		if x < 0 {
			w = -w
		}
		dst[i] = clipTo(w, i, lo, hi)
	}
	return nil
}

// ProjectLInfBall is [ProjectL2Ball] for max|x_i| ≤ radius: clipping.
func ProjectLInfBall[F tensor.Float](dst, v []F, radius float64, lo, hi []F) error {
	sameLength("prox.ProjectLInfBall", dst, v)
	if err := checkBall(v, radius, lo, hi); err != nil {
		return err
	}
	r := F(radius)
	for i, x := range v {
		dst[i] = clipTo(max(-r, min(r, x)), i, lo, hi)
	}
	return nil
}

// room returns how far x may go from 0 in its own direction.
func room[F tensor.Float](x F, i int, lo, hi []F) float64 {
	switch {
	case x > 0 && hi != nil:
		return float64(hi[i])
	case x < 0 && lo != nil:
		return -float64(lo[i])
	}
	return math.Inf(1)
}

func clipTo[F tensor.Float](x F, i int, lo, hi []F) F {
	if lo != nil {
		x = max(x, lo[i])
	}
	if hi != nil {
		x = min(x, hi[i])
	}
	return x
}

func checkBall[F tensor.Float](v []F, radius float64, lo, hi []F) error {
	if !(radius >= 0) {
		return invalid("the radius is %v: want at least 0", radius)
	}
	if err := finite(v); err != nil {
		return err
	}
	for _, bounds := range [2][]F{lo, hi} {
		if bounds != nil {
			sameLength("prox.Project", bounds, v)
		}
	}
	for i := range v {
		if lo != nil && !(lo[i] <= 0) || hi != nil && !(hi[i] >= 0) {
			return invalid("the bounds of element %d do not hold 0: want lo ≤ 0 ≤ hi, around the centre of the ball", i)
		}
	}
	return nil
}
