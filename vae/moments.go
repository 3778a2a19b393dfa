package vae

import "math"

// moments are running means and sums of squares, by Welford's update: nothing
// large cancels.
type moments struct {
	n             float64
	mean, squares []float64
}

func newMoments(d int) *moments {
	return &moments{mean: make([]float64, d), squares: make([]float64, d)}
}

func (m *moments) add(x []float32) {
	m.n++
	for j, v := range x {
		d := float64(v) - m.mean[j]
		m.mean[j] += d / m.n
		m.squares[j] += d * (float64(v) - m.mean[j])
	}
}

// variances have the divisor n.
func (m *moments) variances() []float64 {
	v := make([]float64, len(m.squares))
	for j, s := range m.squares {
		v[j] = s / m.n
	}
	return v
}

// topDirection finds the largest eigenvalue of the covariance of the first
// examples it is given, without the matrix: by power iteration on the examples.
type topDirection struct {
	d    int
	rows [][]float32
}

// sampled is how many examples are enough for the largest eigenvalue, which is
// the easiest to know.
const sampled = 500

func newTopDirection(d int) *topDirection { return &topDirection{d: d} }

func (t *topDirection) add(x []float32) {
	if len(t.rows) < sampled {
		t.rows = append(t.rows, append([]float32(nil), x...))
	}
}

// variance returns the eigenvalue, from below, to about a percent.
func (t *topDirection) variance() float64 {
	m := newMoments(t.d)
	for _, x := range t.rows {
		m.add(x)
	}
	v, next := make([]float64, t.d), make([]float64, t.d)
	for j, s := range m.variances() {
		v[j] = math.Sqrt(s) * math.Cos(float64(j*j)) // signs of no pattern: orthogonal to nothing in particular
	}
	value := 0.0
	for range 40 {
		norm := 0.0
		for _, x := range v {
			norm += x * x
		}
		norm = math.Sqrt(norm)
		if norm == 0 {
			return 0
		}
		clear(next)
		value = 0
		for _, x := range t.rows {
			dot := 0.0
			for j := range x {
				dot += (float64(x[j]) - m.mean[j]) * v[j] / norm
			}
			value += dot * dot / m.n
			for j := range x {
				next[j] += dot * (float64(x[j]) - m.mean[j])
			}
		}
		v, next = next, v
	}
	return value
}
