package kmeans

import (
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// A contest decides which center is nearest to one point, from its scores.
type contest[F tensor.Float] struct {
	x, centers []F
	scores     []F     // K of them
	stride     int     // from one to the next
	square     float64 // ‖x − o‖²
	margin     float64

	index     int     // the nearest so far
	squared   float64 // its distance
	limit     F       // scores above it are of centers farther than that
	distances int     // evaluated
}

// prepare returns the contest of row i of a view.
func (s *screen[F]) prepare(v *view[F], i int, x, centers, scores []F, stride int) contest[F] {
	return contest[F]{x: x, centers: centers, scores: scores, stride: stride, square: v.squares[i], margin: s.margin(v.lengths[i])}
}

// decides reports whether the scores rule out all centers but first, which has
// the least score but for remainders; other is the least of the others.
func (s *screen[F]) decides(first int, least, other, remainder F, margin float64) bool {
	// From above, the score is off by what the remainders may do to it, both
	// ways.
	highest := float64(least) + 2*float64(remainder)*float64(s.rest[first])*(1+0x1p-20)
	return other > up[F](highest+2*margin)
}

// settle returns the center nearest to the point, and its squared distance,
// given what [screen.decides] is. The index is −1 if no distance is finite.
func (c *contest[F]) settle(first int, other F) (index int, squared float64) {
	if math.IsInf(c.margin, 1) {
		c.distances = len(c.centers) / len(c.x)
		return nearest(c.x, c.centers)
	}
	if c.start(first); !(other > c.limit) {
		c.others(first)
	}
	return c.index, c.squared
}

// others evaluates the distances but the first that scores do not rule out.
func (c *contest[F]) others(first int) {
	for j, at := 0, 0; at < len(c.scores); j, at = j+1, at+c.stride {
		if c.scores[at] <= c.limit && j != first {
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
