package attack

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/tensor"
)

// Minimise writes the point x̃ that minimises ⟨g, x̃ − x⟩ over ‖x̃ − x‖ ≤ Radius
// and Lo ≤ x̃ ≤ Hi to adv, and returns the least value. All slices have one
// length; adv may be x itself.
//
// Elements where g is 0 do not move. In a box the minimiser is in general not
// the clipped minimiser of the ball alone: with B the room of each element in
// its direction of descent, the moves are
//
//	P = ∞      min(B, Radius)
//	1 < P < ∞  min(B, s·|g|^(1/(P−1))), with the one s that uses the radius up
//	P = 1      B in order of decreasing |g|, lowest index first, until the
//	           radius is used up: the fractional knapsack
//
// or B throughout if the ball holds that. x̃ is rounded towards x: it is inside
// the box, and inside the ball but for at most one unit in the last place of
// the norm. Nothing overflows or vanishes for gradients of 1e±200.
//
// It returns a [*DomainError] if the ball or the box is not valid, x is outside
// the box, or g is not finite. Source: docs/linearised-attack.md.
func Minimise[F tensor.Float](adv, x, g []F, ball Ball, box Box) (value float64, err error) {
	return solve(adv, x, g, ball, box, 1)
}

// Maximise is [Minimise] of −g: the targeted attack, which raises the
// log-probability of a class. It returns the greatest ⟨g, x̃ − x⟩.
func Maximise[F tensor.Float](adv, x, g []F, ball Ball, box Box) (value float64, err error) {
	return solve(adv, x, g, ball, box, -1)
}

func solve[F tensor.Float](adv, x, g []F, ball Ball, box Box, sign float64) (float64, error) {
	if len(adv) != len(x) || len(g) != len(x) {
		return 0, domain.Errorf(domain.ShapeMismatch, "%d elements, %d gradients, room for %d: want one length", len(x), len(g), len(adv))
	}
	if err := validate(x, ball, box); err != nil {
		return 0, err
	}
	for i, v := range g {
		if v := float64(v); math.IsNaN(v) || math.IsInf(v, 0) {
			return 0, invalid("the gradient of element %d is %v: want it finite", i, v)
		}
	}
	var s solver
	s.reset(len(x))
	for i, v := range g {
		s.g[i] = sign * float64(v)
	}
	rooms(s.room, s.g, x, box)
	s.minimise(ball.P, ball.Radius)
	value := 0.0
	for i, v := range x {
		adv[i] = moved(v, s.delta[i], box)
		value += float64(g[i]) * (float64(adv[i]) - float64(v))
	}
	return value, nil
}

func validate[F tensor.Float](x []F, ball Ball, box Box) error {
	if err := ball.Validate(); err != nil {
		return err
	}
	if err := box.Validate(); err != nil {
		return err
	}
	return holds(box, x)
}

// rooms sets how far each element can go in its direction of descent.
func rooms[F tensor.Float](room, g []float64, x []F, box Box) {
	for i, v := range g {
		switch {
		case v > 0:
			room[i] = float64(x[i]) - box.Lo
		case v < 0:
			room[i] = box.Hi - float64(x[i])
		default:
			room[i] = 0 // it stays
		}
	}
}

// moved returns x + delta inside the box, rounded towards x, so that an
// element moves by no more than |delta|.
func moved[F tensor.Float](x F, delta float64, box Box) F {
	from := float64(x)
	y := F(min(max(from+delta, box.Lo), box.Hi))
	if math.Abs(float64(y)-from) > math.Abs(delta) {
		y = next(y, x)
	}
	// Bounds that F does not hold are rounded outwards by the conversion.
	if float64(y) < box.Lo || float64(y) > box.Hi {
		y = next(y, x)
	}
	return y
}

// next is the number beside y on the way to x.
func next[F tensor.Float](y, x F) F {
	if v, ok := any(y).(float32); ok {
		return F(math.Nextafter32(v, float32(x)))
	}
	return F(math.Nextafter(float64(y), float64(x)))
}
