package attack

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/seeds"
	"github.com/gradus-ml/gradus/tensor"
)

// random is a generator that can be set to a stream without an allocation.
type random struct {
	pcg rand.PCG
	rng *rand.Rand
}

// stream returns the generator of an image in a restart.
func (r *random) stream(seed uint64, restart, image int) *rand.Rand {
	if r.rng == nil {
		r.rng = rand.New(&r.pcg)
	}
	seeds.Set(&r.pcg, seed, uint64(restart), uint64(image))
	return r.rng
}

// starts puts the points of a search at their beginnings.
type starts[F tensor.Float] search[F]

// Block begins the images of task t.
func (s *starts[F]) Block(t int) {
	w := &s.workers[t]
	lo, hi := parallel.Span(t, imagesPerTask, len(s.index))
	for i := lo; i < hi; i++ {
		from, at := s.x.Row(s.index[i]), s.at.Row(i)
		err := holds(s.attack.Box, from)
		if err == nil {
			copy(at, from)
		}
		if err == nil && s.attack.RandomStart {
			rng := w.random.stream(s.attack.Seed, s.restart, s.index[i])
			err = begin(w, at, from, Ball{s.attack.Ball.P, s.radius[i]}, s.attack.Box, rng)
		}
		if err != nil && w.err == nil {
			w.image, w.err = i, err
		}
	}
}

// begin draws a point uniformly from the ball and moves it into the box: for
// P = ∞ it is drawn from both.
func begin[F tensor.Float](w *worker, at, from []F, ball Ball, box Box, rng *rand.Rand) error {
	if math.IsInf(ball.P, 1) {
		for j, x := range from {
			lo, hi := moved(x, -ball.Radius, box), moved(x, ball.Radius, box)
			at[j] = min(hi, max(lo, F(float64(lo)+rng.Float64()*(float64(hi)-float64(lo)))))
		}
		return nil
	}
	w.projector.reset(len(from))
	uniformInBall(w.projector.delta, ball, rng)
	return project(&w.projector, at, from, ball, box)
}

// uniformInBall draws δ uniformly: with ξ of density ∝ exp(−|ξ|^p) in each
// element and e exponential, δ = Radius·ξ/(Σ|ξ|^p + e)^(1/p). Source: Barthe,
// Guédon, Mendelson and Naor 2005.
func uniformInBall(delta []float64, ball Ball, rng *rand.Rand) {
	sum := rng.ExpFloat64()
	for j := range delta {
		t := gamma(1/ball.P, rng) // |ξ|^p
		sum += t
		delta[j] = power(t, 1/ball.P)
		if rng.Uint64()&1 == 0 {
			delta[j] = -delta[j]
		}
	}
	scale := ball.Radius / power(sum, 1/ball.P)
	for j := range delta {
		delta[j] *= scale
	}
}

// gamma draws from the gamma distribution of the given shape in (0, 1].
// Source: Marsaglia and Tsang 2000, by way of shape + 1.
func gamma(shape float64, rng *rand.Rand) float64 {
	switch shape {
	case 1:
		return rng.ExpFloat64()
	case 0.5:
		z := rng.NormFloat64()
		return z * z / 2
	}
	d := shape + 1 - 1./3
	c := 1 / math.Sqrt(9*d)
	for {
		z := rng.NormFloat64()
		v := 1 + c*z
		if v <= 0 {
			continue
		}
		v = v * v * v
		u := 1 - rng.Float64()
		if math.Log(u) < z*z/2+d-d*v+d*math.Log(v) {
			return d * v * math.Pow(1-rng.Float64(), 1/shape)
		}
	}
}
