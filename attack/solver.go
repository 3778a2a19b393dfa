package attack

import (
	"cmp"
	"math"
	"slices"
)

// solver minimises ⟨g, δ⟩ over ‖δ‖_p ≤ radius and |δ_i| ≤ room_i against the
// sign of g_i. It keeps its memory from one use to the next.
type solver struct {
	g, room, delta []float64
	weight         []float64 // |g|^(1/(p−1)) relative to the largest
	order          []int
}

func (s *solver) reset(n int) {
	if cap(s.g) < n {
		s.g, s.room, s.delta, s.weight = make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
		s.order = make([]int, 0, n)
	}
	s.g, s.room, s.delta, s.weight = s.g[:n], s.room[:n], s.delta[:n], s.weight[:n]
}

// minimise sets delta.
func (s *solver) minimise(p, radius float64) {
	switch {
	case math.IsInf(p, 1):
		for i, room := range s.room {
			s.delta[i] = min(room, radius)
		}
	case p == 1:
		s.knapsack(radius)
		shrink(s.delta, p, radius)
	default:
		s.levels(p, radius, 1/(p-1))
		shrink(s.delta, p, radius)
	}
	for i, g := range s.g {
		switch {
		case g == 0:
			s.delta[i] = 0
		case g > 0:
			s.delta[i] = -s.delta[i]
		}
	}
}

// knapsack sets |δ| for p = 1: the steepest elements first.
func (s *solver) knapsack(radius float64) {
	clear(s.delta)
	s.order = s.order[:0]
	steepest := 0
	for i, room := range s.room {
		if room > 0 && s.g[i] != 0 {
			s.order = append(s.order, i)
			if steep := math.Abs(s.g[i]); steep > math.Abs(s.g[steepest]) || s.room[steepest] <= 0 {
				steepest = i
			}
		}
	}
	if len(s.order) == 0 {
		return
	}
	if s.room[steepest] >= radius { // nothing to sort
		s.delta[steepest] = radius
		return
	}
	slices.SortFunc(s.order, func(i, j int) int {
		if c := cmp.Compare(math.Abs(s.g[j]), math.Abs(s.g[i])); c != 0 {
			return c
		}
		return cmp.Compare(i, j)
	})
	for _, i := range s.order {
		if !(radius > 0) {
			break
		}
		s.delta[i] = min(s.room[i], radius)
		radius -= s.delta[i]
	}
}

// levels sets |δ_i| = min(room_i, c·w_i), w_i = |g_i|^exponent, with the one c
// that gives ‖δ‖_p = radius, 1 ≤ p < ∞, or room if that is inside. In u = c^p the
// equation Σ min(room^p, u·w^p) = radius^p is concave and piecewise linear, so
// Newton's method rises to the root in finitely many steps, and no element
// that has reached its room leaves it again.
func (s *solver) levels(p, radius, exponent float64) {
	const reached = -1 // as a weight: the element has moved by all its room
	clear(s.delta)
	if radius == 0 {
		return
	}
	for i, g := range s.g {
		s.weight[i] = math.Abs(g)
		if g == 0 || s.room[i] <= 0 {
			s.weight[i] = reached
		}
	}
	used := 0.0 // by the elements that have reached their room, in radius^p
	for {
		// Weights are taken relative to the steepest element that is free, so
		// that none vanishes however far the powers spread.
		top := 0.0
		for _, w := range s.weight {
			top = max(top, w)
		}
		left := 1 - used
		if top == 0 || left <= 0 { // by rounding
			for i, w := range s.weight {
				if w != reached {
					s.delta[i] = 0
				}
			}
			return
		}
		sum := 0.0
		for i, w := range s.weight {
			if w > 0 {
				s.delta[i] = power(w/top, exponent)
				sum += power(s.delta[i], p)
			}
		}
		c := radius * power(left/sum, 1/p)
		fixed := false
		for i, w := range s.weight {
			if w != reached && c*s.delta[i] >= s.room[i] {
				s.weight[i], s.delta[i] = reached, s.room[i]
				used += power(s.room[i]/radius, p)
				fixed = true
			}
		}
		if fixed {
			continue
		}
		for i, w := range s.weight {
			if w != reached {
				s.delta[i] *= c
			}
		}
		return
	}
}

// shrink takes from delta what rounding has put outside the ball.
func shrink(delta []float64, p, radius float64) {
	for range 4 {
		norm := Norm(delta, p)
		if !(norm > radius) {
			return
		}
		for i := range delta {
			delta[i] *= radius / norm * (1 - 0x1p-52)
		}
	}
}
