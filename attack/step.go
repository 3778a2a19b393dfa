package attack

import (
	"math"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/tensor"
)

// imagesPerTask is how many images of a batch one processor takes at a time.
const imagesPerTask = 8

// worker is the memory of a task, and its first error.
type worker struct {
	solver    solver
	projector projector
	random    random
	image     int // that the error is about
	err       error
}

// steps moves each image of a search by one step.
type steps[F tensor.Float] search[F]

// Block moves the images of task t.
func (s *steps[F]) Block(t int) {
	w := &s.workers[t]
	lo, hi := parallel.Span(t, imagesPerTask, len(s.index))
	size := len(s.at.Data) / len(s.index)
	for i := lo; i < hi; i++ {
		gradient := s.gradients.x.Grad.Data[i*size : (i+1)*size]
		if s.attack.Momentum > 0 {
			gradient = s.accumulate(gradient, s.momentum[i*size:(i+1)*size])
		}
		from, at := s.x.Row(s.index[i]), s.at.Data[i*size:(i+1)*size]
		var err error
		if math.IsInf(s.attack.Ball.P, 1) {
			err = s.clip(at, from, gradient, s.radius[i])
		} else {
			err = s.move(w, at, from, gradient, s.radius[i])
		}
		if err != nil && w.err == nil {
			w.image, w.err = i, err
		}
	}
}

// accumulate sets m to μ·m + g/‖g‖₁ and returns it.
func (s *steps[F]) accumulate(g, m []F) []F {
	inverse := 0.0
	if norm := Norm(g, 1); norm != 0 {
		inverse = 1 / norm
	}
	for j, v := range g {
		m[j] = F(s.attack.Momentum*float64(m[j]) + float64(v)*inverse)
	}
	return m
}

// stepSize is the length of a step in a ball of the given radius.
func (s *steps[F]) stepSize(radius float64) float64 {
	if s.attack.Ball.Radius == 0 {
		return 0
	}
	return s.attack.StepSize * (radius / s.attack.Ball.Radius)
}

// move is the step for P < ∞.
func (s *steps[F]) move(w *worker, at, from, g []F, radius float64) error {
	w.solver.reset(len(from))
	sign := (*search[F])(s).sign()
	for j, v := range g {
		if v-v != 0 {
			return errNotFinite()
		}
		w.solver.g[j] = sign * float64(v)
	}
	box, ball := s.attack.Box, Ball{s.attack.Ball.P, radius}
	if s.attack.Direction == Minimiser {
		rooms(w.solver.room, w.solver.g, from, box)
		w.solver.minimise(ball.P, radius)
		for j, x := range from {
			at[j] = moved(x, w.solver.delta[j], box)
		}
		return nil
	}
	for j := range w.solver.room {
		w.solver.room[j] = math.Inf(1)
	}
	w.solver.minimise(ball.P, s.stepSize(radius))
	w.projector.reset(len(from))
	for j, d := range w.solver.delta {
		w.projector.delta[j] = float64(at[j]) + d - float64(from[j])
	}
	return project(&w.projector, at, from, ball, box)
}

func errNotFinite() error {
	return invalid("the gradient of the objective in the input is not finite")
}
