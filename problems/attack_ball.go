package problems

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/internal/domain"
)

// ballOf reads a norm by name, with the exponent that lp alone takes.
func ballOf(name string, p *float64, radius float64) (attack.Ball, error) {
	if (name == "lp") != (p != nil) {
		return attack.Ball{}, domain.Errorf(BadInput, "norm %q: want p with lp, and with no other", name)
	}
	var ball attack.Ball
	switch name {
	case "linf":
		ball = attack.LInf(radius)
	case "l2":
		ball = attack.L2(radius)
	case "l1":
		ball = attack.L1(radius)
	case "lp":
		ball = attack.Lp(*p, radius)
	default:
		return ball, invalid("norm is %q: want linf, l2, l1 or lp", name)
	}
	return ball, ball.Validate()
}

// boxOf reads bounds that may be absent.
func boxOf(lo, hi *float64) attack.Box {
	box := attack.Everywhere()
	if lo != nil {
		box.Lo = *lo
	}
	if hi != nil {
		box.Hi = *hi
	}
	return box
}

// drawBall returns a norm, its exponent as JSON and as a number.
func drawBall(rng *rand.Rand, kinds int) (name string, p *float64, exponent float64) {
	switch rng.IntN(kinds) {
	case 0:
		return "linf", nil, math.Inf(1)
	case 1:
		return "l2", nil, 2
	case 2:
		return "l1", nil, 1
	}
	exponent = between(rng, 1.2, 4)
	return "lp", &exponent, exponent
}

func exponentOf(name string, p *float64) float64 {
	switch name {
	case "linf":
		return math.Inf(1)
	case "l2":
		return 2
	case "l1":
		return 1
	}
	return *p
}

// drawPoint returns a point of [0, 1]^n and, mostly, that box.
func drawPoint(rng *rand.Rand, n int) (x []float64, lo, hi *float64) {
	x = uniform(rng, n, 0, 1)
	if rng.IntN(3) > 0 {
		lo, hi = new(0.0), new(1.0)
	}
	return x, lo, hi
}

// lengthP returns ‖d‖_p as it is defined.
func lengthP(d []float64, p float64) float64 {
	sum, largest := 0.0, 0.0
	for _, v := range d {
		sum += math.Pow(math.Abs(v), p)
		largest = max(largest, math.Abs(v))
	}
	if math.IsInf(p, 1) {
		return largest
	}
	return math.Pow(sum, 1/p)
}

// leastValue returns the minimum of ⟨g, δ⟩ over ‖δ‖_p ≤ radius and the box
// around x by Lagrange duality: the greatest, over a multiplier of the ball,
// of what the box alone allows, which is a sum over the elements.
func leastValue(g, x []float64, p, radius float64, box attack.Box) float64 {
	// In units of the largest |g_i| and of the radius, multipliers are moderate.
	scale := lengthP(g, math.Inf(1))
	if scale == 0 || radius == 0 {
		return 0
	}
	size, room := make([]float64, len(g)), make([]float64, len(g))
	for i, v := range g {
		size[i], room[i] = math.Abs(v)/scale, (box.Hi-x[i])/radius
		if v > 0 {
			room[i] = (x[i] - box.Lo) / radius
		}
	}
	return scale * radius * leastInUnitBall(size, room, p)
}

// leastInUnitBall is leastValue for elements that all want to move alike.
func leastInUnitBall(size, room []float64, p float64) float64 {
	if math.IsInf(p, 1) {
		sum := 0.0
		for i, v := range size {
			sum -= v * min(room[i], 1)
		}
		return sum
	}
	dual := func(mu float64) float64 {
		sum := -mu
		for i, v := range size {
			move := 0.0
			switch {
			case p > 1 && mu > 0:
				move = min(room[i], math.Pow(v/(p*mu), 1/(p-1)))
			case v > mu:
				move = room[i]
			}
			if move > 0 {
				sum += mu*math.Pow(move, p) - v*move
			}
		}
		return sum
	}
	best := dual(0)
	if math.IsNaN(best) {
		best = math.Inf(-1)
	}
	_, other := minimise(func(log float64) float64 {
		if v := dual(math.Exp(log)); !math.IsNaN(v) {
			return -v
		}
		return math.Inf(1)
	}, -14, 10, 60)
	return max(best, -other)
}
