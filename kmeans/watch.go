package kmeans

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/tensor"
)

// Stationary returns the total variance of a center that follows examples of
// total variance cell at constant rate alpha in (0, 2): α/(2−α)·cell, for
// examples that are independent and a cell that stays. Source:
// docs/kmeans.md.
func Stationary(alpha, cell float64) (float64, error) {
	if !(alpha > 0 && alpha < 2) {
		return 0, domain.Errorf(domain.InvalidParameter, "constant rate %v: want it in (0, 2)", alpha)
	}
	if !(cell >= 0 && cell <= math.MaxFloat64) {
		return 0, domain.Errorf(domain.InvalidParameter, "variance %v: want it finite and ≥ 0", cell)
	}
	return alpha / (2 - alpha) * cell, nil
}

// Watch measures, from a presentation on, how the examples that each center
// wins scatter, and how the center does.
type Watch[F tensor.Float] struct {
	From     int
	Examples Scatter[F]
	Centers  Scatter[F]
}

// Scatter is a running mean and a sum of squares for each center.
type Scatter[F tensor.Float] struct {
	Counts  []int             // [K]
	Means   *tensor.Tensor[F] // [K, n]
	Squares []float64         // [K], Σ‖x − mean‖² over all coordinates
}

// NewWatch returns a watch for [Online].Watch that begins after so many
// presentations.
func NewWatch[F tensor.Float](o *Online[F], from int) *Watch[F] {
	empty := func() Scatter[F] {
		return Scatter[F]{Counts: make([]int, len(o.Counts)), Means: tensor.New[F](o.Centers.Shape...), Squares: make([]float64, len(o.Counts))}
	}
	return &Watch[F]{From: from, Examples: empty(), Centers: empty()}
}

// Variances returns, for center k under constant rate alpha, the total variance
// that [Stationary] predicts from the examples it has won, and the one measured;
// NaN with fewer than two wins.
func (w *Watch[F]) Variances(k int, alpha float64) (predicted, measured float64, err error) {
	if _, err := Stationary(alpha, 0); err != nil {
		return 0, 0, err
	}
	return alpha / (2 - alpha) * w.Examples.Variance(k), w.Centers.Variance(k), nil
}

// Variance is the total variance of k, the divisor one less than the count; NaN
// for fewer than two.
func (s *Scatter[F]) Variance(k int) float64 {
	if s.Counts[k] < 2 {
		return math.NaN()
	}
	return s.Squares[k] / float64(s.Counts[k]-1)
}

// Within is the scatter of all points about the mean of their own center.
func (s *Scatter[F]) Within() float64 {
	sum := 0.0
	for _, squares := range s.Squares {
		sum += squares
	}
	return sum
}

// Total is the scatter of all points about their common mean: that within and
// that of the means, Σ n_k‖mean_k − mean‖².
func (s *Scatter[F]) Total() float64 {
	mean := make([]float64, s.Means.Shape[1])
	n, between := 0.0, 0.0
	for k, count := range s.Counts {
		if count == 0 {
			continue
		}
		m := float64(count)
		n += m
		for i, v := range s.Means.Row(k) {
			d := float64(v) - mean[i]
			mean[i] += d * (m / n) // exact for the first
			between += m * d * (float64(v) - mean[i])
		}
	}
	return s.Within() + between
}

func (w *Watch[F]) fits(k, n int) bool { return w.Examples.fits(k, n) && w.Centers.fits(k, n) }

func (s *Scatter[F]) fits(k, n int) bool {
	return len(s.Counts) == k && len(s.Squares) == k && holds(s.Means, k, n)
}

func (w *Watch[F]) add(step, k int, x, y []F) {
	if step > w.From {
		w.Examples.add(k, x)
		w.Centers.add(k, y)
	}
}

// add follows Welford (1962).
func (s *Scatter[F]) add(k int, x []F) {
	s.Counts[k]++
	mean, n, squares := s.Means.Row(k), float64(s.Counts[k]), 0.0
	for i, v := range x {
		d := float64(v) - float64(mean[i])
		mean[i] += F(d / n)
		squares += d * (float64(v) - float64(mean[i]))
	}
	s.Squares[k] += squares
}
