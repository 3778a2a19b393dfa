package vae

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
)

// Variances are the decoder variances that maximise the bound, and the value
// E log p(x|z) that each reaches, in nats per example.
type Variances struct {
	MeanSquaredNorm float64 // R = E‖x − μ(z)‖²

	Shared float64 // R/d
	Sigma  float64 // its root

	PerDimension []float64 // [d]: E (x_j − μ_j)²
	PerExample   []float64 // [B]: ‖x − μ(z)‖²/d, averaged over z alone

	// The reconstruction terms; +Inf where a variance is 0.
	ReconstructionShared, ReconstructionPerDimension, ReconstructionPerExample float64

	// A residual that vanishes leaves the bound without a maximiser: see
	// [ClampedVariance].
	DegenerateShared, DegeneratePerDimension bool
}

// OptimalVariance returns the best variances of the decoder N(μ(z), σ²I) for
// data x [B][d] and S decoder means for each, mu [B][S][d], which stand for
// draws of z from the encoder. σ² = R/d is the only maximiser if R > 0. The
// variance per dimension never does worse than the shared one, by Jensen.
//
// Residuals are formed before they are squared, so a large common offset does
// no harm. Shapes that do not fit are a shape_mismatch.
// Source: docs/optimal-variance-vae.md.
func OptimalVariance(x [][]float64, mu [][][]float64) (*Variances, error) {
	if err := checkMeans(x, mu); err != nil {
		return nil, err
	}
	s := NewStream(len(x[0]))
	v := &Variances{PerExample: make([]float64, len(x))}
	d, perExample := float64(len(x[0])), 0.0
	for i, samples := range mu {
		r := 0.0
		for _, m := range samples {
			r += s.add(x[i], m)
		}
		r /= float64(len(samples))
		v.PerExample[i] = r / d
		nats, _ := optimalNats(d, r, 0, math.Inf(1))
		perExample += nats
	}
	v.MeanSquaredNorm, v.Shared, v.PerDimension = s.MeanSquaredNorm(), s.Shared(), s.PerDimension()
	v.Sigma = math.Sqrt(v.Shared)
	v.DegenerateShared = v.Shared == 0
	nats, _ := optimalNats(d, v.MeanSquaredNorm, 0, math.Inf(1))
	v.ReconstructionShared, v.ReconstructionPerExample = -nats, -perExample/float64(len(x))
	for _, q := range v.PerDimension {
		nats, _ := optimalNats(1, q, 0, math.Inf(1))
		v.ReconstructionPerDimension -= nats
		v.DegeneratePerDimension = v.DegeneratePerDimension || q == 0
	}
	return v, nil
}

// Stream estimates the decoder variance from residuals as they come, in the
// memory of one example. Its sums are float64, and two streams add up.
type Stream struct {
	// Forget is the weight of the newest residual against all before it, as in
	// an exponential average whose start is corrected for: 0 weighs all alike,
	// 1/n looks back over about n of them. In [0, 1).
	Forget float64

	sums   []float64 // of weighted squared residuals, by dimension
	weight float64
}

// NewStream returns an empty estimate of d dimensions that forgets nothing. It
// panics unless d is positive.
func NewStream(d int) *Stream {
	if d < 1 {
		panic("vae.NewStream: want at least one dimension")
	}
	return &Stream{sums: make([]float64, d)}
}

// Add takes in one pair of a datum and a decoder mean, both of the stream's
// length; anything else is a shape_mismatch.
func (s *Stream) Add(x, mean []float64) error {
	if len(x) != len(s.sums) || len(mean) != len(s.sums) {
		return domain.Errorf(domain.ShapeMismatch, "x of %d numbers and a mean of %d: want %d of each", len(x), len(mean), len(s.sums))
	}
	s.add(x, mean)
	return nil
}

// add is Add for lengths that fit; it returns the squared norm.
func (s *Stream) add(x, mean []float64) (norm float64) {
	s.age()
	for j, v := range x {
		r := v - mean[j]
		s.sums[j] += r * r
		norm += r * r
	}
	return norm
}

// addRow is add for a row of a float32 batch.
func (s *Stream) addRow(x, mean []float32) {
	s.age()
	for j, v := range x {
		r := float64(v) - float64(mean[j])
		s.sums[j] += r * r
	}
}

func (s *Stream) age() {
	if s.Forget > 0 {
		keep := 1 - s.Forget
		s.weight *= keep
		for j := range s.sums {
			s.sums[j] *= keep
		}
	}
	s.weight++
}

// Merge adds what another stream of the same length has seen, as if this one
// had seen it too (with forgetting: at the same time).
func (s *Stream) Merge(other *Stream) error {
	if len(other.sums) != len(s.sums) {
		return domain.Errorf(domain.ShapeMismatch, "a stream of %d dimensions into one of %d: want as many", len(other.sums), len(s.sums))
	}
	for j, v := range other.sums {
		s.sums[j] += v
	}
	s.weight += other.weight
	return nil
}

// MeanSquaredNorm returns E‖x − μ‖², NaN if nothing was added.
func (s *Stream) MeanSquaredNorm() float64 {
	r := 0.0
	for _, v := range s.sums {
		r += v
	}
	return r / s.weight
}

// Shared returns the best shared variance.
func (s *Stream) Shared() float64 { return s.MeanSquaredNorm() / float64(len(s.sums)) }

// PerDimension returns the best variance of each dimension.
func (s *Stream) PerDimension() []float64 {
	v := make([]float64, len(s.sums))
	for j, sum := range s.sums {
		v[j] = sum / s.weight
	}
	return v
}
