package kmeans

import (
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// A contest decides which center is nearest to one point, from its scores.
type contest[F tensor.Float] struct {
	x, centers []F
	scores     []F     // [K]
	square     float64 // ‖x − o‖²
	margin     float64
	remainder  F // of x

	index     int     // the nearest so far
	squared   float64 // its distance
	limit     F       // scores above it are of centers farther than that
	distances int     // evaluated
}

// prepare returns the contest of row i of a view.
func (s *screen[F]) prepare(v *view[F], i int, x, centers, scores []F) contest[F] {
	c := contest[F]{x: x, centers: centers, scores: scores, square: v.squares[i], margin: s.margin(v.squares[i])}
	if s.space != nil {
		c.remainder = v.coordinates.Data[(i+1)*s.width-1]
	}
	return c
}

// settle returns the center nearest to x, and its squared distance. If that is
// not wanted it is −1 where the scores decide without any distance. The index
// is −1 if no distance is finite.
func (s *screen[F]) settle(c *contest[F], wanted bool) (index int, squared float64) {
	if math.IsInf(c.margin, 1) {
		c.distances = len(c.scores)
		return nearest(c.x, c.centers)
	}
	first := s.favourite(c)
	if !wanted {
		// From above, the score of first is off by what the remainders may do
		// to it, both ways.
		highest := float64(c.scores[first]) + 2*float64(c.remainder)*float64(s.rest[first])*(1+0x1p-20)
		if simd.CountAtMost(c.scores, up[F](highest+2*c.margin)) == 1 {
			return first, -1
		}
	}
	c.run(first)
	return c.index, c.squared
}

// favourite returns the center that is nearest if the remainders of x and of
// the centers have nothing in common.
func (s *screen[F]) favourite(c *contest[F]) int {
	return simd.ArgMin(c.scores, s.rest, c.remainder)
}

// run evaluates the distances that scores do not rule out.
func (c *contest[F]) run(first int) {
	c.start(first)
	if c.scores[first] <= c.limit && simd.CountAtMost(c.scores, c.limit) == 1 {
		return
	}
	for j, v := range c.scores {
		if v <= c.limit && j != first {
			c.try(j)
		}
	}
}

// start evaluates the first distance.
func (c *contest[F]) start(first int) {
	c.index = first
	c.distances++
	c.squared = c.distance(first)
	c.limit = up[F](c.bound())
}

// bound is the score above which centers are farther than the nearest so far.
func (c *contest[F]) bound() float64 {
	return (c.squared*(1+4*slack(len(c.x)))-c.square)/2 + c.margin
}

// try evaluates the distance to center j.
func (c *contest[F]) try(j int) {
	c.distances++
	if d := c.distance(j); d < c.squared || d == c.squared && j < c.index {
		c.index, c.squared = j, d
		c.limit = up[F](c.bound())
	}
}

func (c *contest[F]) distance(j int) float64 {
	n := len(c.x)
	return simd.SquaredDistance(c.x, c.centers[j*n:(j+1)*n])
}
