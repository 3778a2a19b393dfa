package attack

import (
	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

// Project writes to adv the point x + δ with ‖δ‖ ≤ Radius and Lo ≤ x + δ ≤ Hi
// whose δ is nearest to v in the Euclidean norm. It is the projection onto
// both sets at once: to project onto the ball and then clip ends inside both,
// but further away. adv may be v or x itself, and is rounded towards x as by
// [Minimise]. It returns a [*DomainError] if the ball or the box is not valid,
// x is outside the box, or v is not finite. Source: docs/linearised-attack.md.
func Project[F tensor.Float](adv, v, x []F, ball Ball, box Box) error {
	if len(adv) != len(x) || len(v) != len(x) {
		return domain.Errorf(domain.ShapeMismatch, "%d elements, a point of %d, room for %d: want one length", len(x), len(v), len(adv))
	}
	if err := validate(x, ball, box); err != nil {
		return err
	}
	var p projector
	p.reset(len(x))
	for i, d := range v {
		p.delta[i] = float64(d)
	}
	return project(&p, adv, x, ball, box)
}

// projector is the memory of a projection.
type projector struct{ delta, lo, hi []float64 }

func (p *projector) reset(n int) {
	if cap(p.delta) < n {
		p.delta, p.lo, p.hi = make([]float64, n), make([]float64, n), make([]float64, n)
	}
	p.delta, p.lo, p.hi = p.delta[:n], p.lo[:n], p.hi[:n]
}

// project sets adv to x + the projection of p.delta.
func project[F tensor.Float](p *projector, adv, x []F, ball Ball, box Box) error {
	for i, v := range x {
		p.lo[i], p.hi[i] = min(0, box.Lo-float64(v)), max(0, box.Hi-float64(v))
	}
	if err := prox.ProjectLpBall(p.delta, p.delta, ball.P, ball.Radius, p.lo, p.hi); err != nil {
		return err
	}
	shrink(p.delta, ball.P, ball.Radius)
	for i, v := range x {
		adv[i] = moved(v, p.delta[i], box)
	}
	return nil
}
