package losses

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
)

// DomainError says that a value lies outside the domain of a formula: its
// Code names the condition, its Message the place.
type DomainError = domain.Error

// Table is a dense matrix [rows, classes] of float64, row after row in Data.
type Table struct {
	Classes int
	Data    []float64
}

// Rows returns the number of rows.
func (t Table) Rows() int {
	if t.Classes == 0 {
		return 0
	}
	return len(t.Data) / t.Classes
}

// Row returns row i, which shares the memory of t.
func (t Table) Row(i int) []float64 {
	return t.Data[i*t.Classes : (i+1)*t.Classes : (i+1)*t.Classes]
}

// Pick returns copies of the rows at the indices, in that order; repeats are
// allowed.
func (t Table) Pick(indices []int) Table {
	p := Table{Classes: t.Classes, Data: make([]float64, 0, len(indices)*t.Classes)}
	for _, i := range indices {
		p.Data = append(p.Data, t.Row(i)...)
	}
	return p
}

// Lists returns the rows as slices that share the memory of t.
func (t Table) Lists() [][]float64 {
	rows := make([][]float64, t.Rows())
	for i := range rows {
		rows[i] = t.Row(i)
	}
	return rows
}

// Logits, LogProbs and Probs are the three forms in which a classifier speaks
// of its classes. They hold the same numbers and mean different things, so
// they are different types: what wants one does not take another.
type (
	// Logits are real numbers whose softmax are probabilities; −Inf excludes
	// a class.
	Logits struct{ Table }
	// LogProbs are natural logarithms of probabilities.
	LogProbs struct{ Table }
	// Probs are probabilities: each row is ≥ 0 and sums to 1 within 1e-9.
	Probs struct{ Table }
)

// Tolerance is how far from 1 the sum of a distribution may lie.
const Tolerance = 1e-9

// TableOf copies rows into a table. It returns a shape_mismatch if they differ
// in length or are empty, and an invalid_parameter if one holds NaN.
func TableOf(rows [][]float64) (Table, error) {
	if len(rows) == 0 {
		return Table{}, domain.Errorf(domain.ShapeMismatch, "no rows: want at least one")
	}
	t := Table{Classes: len(rows[0]), Data: make([]float64, 0, len(rows)*len(rows[0]))}
	for i, row := range rows {
		if len(row) != t.Classes {
			return Table{}, domain.Errorf(domain.ShapeMismatch, "row %d has %d classes: want %d as in row 0", i, len(row), t.Classes)
		}
		t.Data = append(t.Data, row...)
	}
	return t, t.check()
}

// check returns an error if t is not a matrix of at least one class, or holds
// NaN.
func (t Table) check() error {
	if t.Classes < 1 || len(t.Data)%t.Classes != 0 {
		return domain.Errorf(domain.ShapeMismatch, "%d numbers do not make rows of %d classes", len(t.Data), t.Classes)
	}
	for at, v := range t.Data {
		if math.IsNaN(v) {
			return domain.Errorf(domain.InvalidParameter, "row %d, class %d is NaN", at/t.Classes, at%t.Classes)
		}
	}
	return nil
}

// LogitsOf copies rows of logits, each < +Inf and none all −Inf.
func LogitsOf(rows [][]float64) (Logits, error) {
	t, err := TableOf(rows)
	if err != nil {
		return Logits{}, err
	}
	z := Logits{t}
	return z, z.Check()
}

// ProbsOf copies rows of probabilities, each of which sums to 1.
func ProbsOf(rows [][]float64) (Probs, error) {
	t, err := TableOf(rows)
	if err != nil {
		return Probs{}, err
	}
	p := Probs{t}
	return p, p.Check()
}

// OneHot returns the distributions that put all mass on the labels, each in
// [0, classes).
func OneHot(labels []int, classes int) (Probs, error) {
	if classes < 1 {
		return Probs{}, domain.Errorf(domain.InvalidParameter, "%d classes: want at least 1", classes)
	}
	p := Probs{Table{Classes: classes, Data: make([]float64, len(labels)*classes)}}
	if err := checkLabels(labels, len(labels), classes); err != nil {
		return Probs{}, err
	}
	for i, y := range labels {
		p.Data[i*classes+y] = 1
	}
	return p, nil
}

// Check returns an error that names the first row without a softmax: one that
// holds +Inf or NaN, or only −Inf.
func (z Logits) Check() error {
	if err := z.check(); err != nil {
		return err
	}
	for i := range z.Rows() {
		if m := maximum(z.Row(i)); math.IsInf(m, 0) {
			return domain.Errorf(domain.InvalidParameter, "logits of row %d have the maximum %v: want a finite one", i, m)
		}
	}
	return nil
}

// Check returns an invalid_distribution that names the first row that is
// negative somewhere or does not sum to 1 within [Tolerance].
func (p Probs) Check() error {
	if err := p.check(); err != nil {
		return err
	}
	for i := range p.Rows() {
		if err := checkDistribution(p.Row(i)); err != nil {
			return domain.Errorf(domain.InvalidDistribution, "row %d: %v", i, err)
		}
	}
	return nil
}

func checkDistribution(p []float64) error {
	var sum float64
	for k, v := range p {
		if !(v >= 0) {
			return domain.Errorf(domain.InvalidDistribution, "probability %d is %v: want it ≥ 0", k, v)
		}
		sum += v
	}
	if !(math.Abs(sum-1) <= Tolerance) {
		return domain.Errorf(domain.InvalidDistribution, "probabilities sum to %v: want 1", sum)
	}
	return nil
}

func checkLabels(labels []int, rows, classes int) error {
	if len(labels) != rows {
		return domain.Errorf(domain.ShapeMismatch, "%d labels for %d rows: want one for each", len(labels), rows)
	}
	for i, y := range labels {
		if y < 0 || y >= classes {
			return domain.Errorf(domain.InvalidParameter, "label %d is %d: want it in [0, %d)", i, y, classes)
		}
	}
	return nil
}
