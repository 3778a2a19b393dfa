package moments

import (
	"math"

	"github.com/gradus-ml/gradus/tensor"
)

// Moments describe what one layer hands to the next. A place is an index into
// what the elements of an example share: the position (row, column) in images
// [channels, height, width], over whose channels the moments are taken; the
// last index in other shapes. Where all places are alike there is one cell.
type Moments struct {
	Shape []int // of one example
	Cells []Cell

	// function maps the latent variables of the cells, which are normal, to
	// the elements; without Value the elements themselves are taken as normal.
	function Function

	// chosen is how much larger the slopes of function are, squared, where the
	// gradient comes from than they are on average: what follows sets it, a
	// maximum that picks elements or a function whose slope depends on them.
	chosen *float64

	// shared holds, for each Residual around this place, outermost first, the
	// covariances of the elements with what entered it, cell by cell.
	shared [][]joint
}

// Cell is the mean and variance of an element, over examples and over draws of
// the weights; and its covariance between two examples, which is the part of
// the variance that all examples have in common.
type Cell struct {
	Mean, Variance, Covariance float64

	latent normal
}

// normal describes the latent variable of a cell, as Cell does the element.
type normal struct{ mean, variance, covariance float64 }

// joint is a covariance within one example and between two.
type joint struct{ same, cross float64 }

// Uniform describes an input of the given shape whose elements all have this
// mean, variance, and covariance between examples, which is 0 for data that
// vary about a common mean.
func Uniform(mean, variance, covariance float64, shape ...int) (Moments, error) {
	m := Moments{Shape: shape, Cells: []Cell{{Mean: mean, Variance: variance, Covariance: covariance}}}
	m.plain()
	return m, m.validate()
}

// Standard describes normalised inputs: mean 0, variance 1, examples that have
// nothing in common. It panics unless the sizes are positive.
func Standard(shape ...int) Moments {
	m, err := Uniform(0, 1, 0, shape...)
	if err != nil {
		panic(err.Error())
	}
	return m
}

// Of measures a batch [batch, …] of at least two examples.
func Of[F tensor.Float](batch *tensor.Tensor[F]) (Moments, error) {
	if len(batch.Shape) < 2 || batch.Shape[0] < 2 || len(batch.Data) == 0 {
		return Moments{}, mismatch("a batch of shape %v: want [batch, …] with at least 2 examples", batch.Shape)
	}
	m := Moments{Shape: append([]int{}, batch.Shape[1:]...)}
	count, size := batch.Shape[0], tensor.Size(m.Shape)
	m.Cells = make([]Cell, places(m.Shape))
	each := float64(size / len(m.Cells)) // elements that share a cell
	n := float64(count)
	second, cross := make([]float64, len(m.Cells)), make([]float64, len(m.Cells))
	for i := range size {
		p := i % len(m.Cells)
		sum, squares := 0.0, 0.0
		for b := range count {
			v := float64(batch.Data[b*size+i])
			sum += v
			squares += v * v
		}
		m.Cells[p].Mean += sum / n / each
		second[p] += squares / n / each
		cross[p] += (sum*sum - squares) / (n * (n - 1)) / each
	}
	for p := range m.Cells {
		c := &m.Cells[p]
		c.Variance = max(0, second[p]-c.Mean*c.Mean)
		c.Covariance = min(max(0, cross[p]-c.Mean*c.Mean), c.Variance)
	}
	m.plain()
	return m, m.validate()
}

func (m Moments) validate() error {
	n := 1
	for _, d := range m.Shape {
		if d < 1 || n > math.MaxInt32/d {
			return mismatch("shape %v: want positive sizes and fewer than 2^31 elements", m.Shape)
		}
		n *= d
	}
	if len(m.Shape) == 0 {
		return mismatch("a shape without dimensions: want at least one")
	}
	if len(m.Cells) != 1 && len(m.Cells) != places(m.Shape) {
		return mismatch("%d cells for shape %v: want 1 or %d", len(m.Cells), m.Shape, places(m.Shape))
	}
	for _, c := range m.Cells {
		if err := checkFinite(number{"mean", c.Mean}); err != nil {
			return err
		}
		if err := checkVariances(number{"variance", c.Variance}, number{"covariance", c.Covariance}); err != nil {
			return err
		}
		if c.Covariance > c.Variance*(1+1e-9) {
			return invalid("the covariance %v between examples is above the variance %v", c.Covariance, c.Variance)
		}
	}
	return nil
}

// places is how many cells a shape may have.
func places(shape []int) int {
	if len(shape) >= 3 {
		return tensor.Size(shape[1:])
	}
	return shape[len(shape)-1]
}

// plain takes the elements themselves as normal.
func (m *Moments) plain() {
	m.function, m.chosen = Function{}, nil
	for i := range m.Cells {
		c := &m.Cells[i]
		c.latent = normal{c.Mean, c.Variance, c.Covariance}
	}
}

// cell is the cell at a place.
func (m Moments) cell(place int) Cell {
	if len(m.Cells) == 1 {
		return m.Cells[0]
	}
	return m.Cells[place]
}

// second is the second moment of the elements of a cell.
func (c Cell) second() float64 { return c.Variance + c.Mean*c.Mean }

// Pooled describes an element drawn from anywhere: the mean of the cells, with
// the spread of their means in variance and covariance.
func (m Moments) Pooled() Cell {
	var p Cell
	second, cross := 0.0, 0.0
	n := float64(len(m.Cells))
	for _, c := range m.Cells {
		p.Mean += c.Mean / n
		second += c.second() / n
		cross += (c.Covariance + c.Mean*c.Mean) / n
	}
	if len(m.Cells) == 1 { // without the rounding of the differences below
		return Cell{Mean: p.Mean, Variance: m.Cells[0].Variance, Covariance: m.Cells[0].Covariance, latent: m.Cells[0].latent}
	}
	p.Variance = max(0, second-p.Mean*p.Mean)
	p.Covariance = max(0, cross-p.Mean*p.Mean)
	p.latent = normal{p.Mean, p.Variance, p.Covariance}
	return p
}

// of returns moments of a new shape made from cells, the elements taken as
// normal. What the elements share with inputs of residuals around is lost: it
// is 0 after random weights.
func (m Moments) of(shape []int, cells []Cell) Moments {
	out := Moments{Shape: shape, Cells: cells, shared: make([][]joint, len(m.shared))}
	for i := range out.shared {
		out.shared[i] = make([]joint, len(cells))
	}
	out.plain()
	return out
}

// merge returns one cell where all are alike.
func merge(cells []Cell) []Cell {
	for _, c := range cells[1:] {
		if c != cells[0] {
			return cells
		}
	}
	return cells[:1]
}
