package shift

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/losses"
	"gonum.org/v1/gonum/mat"
)

// Confusion is a joint distribution of predictions and labels:
// Joint[i][j] = p(prediction i, label j). Its columns sum to the prior.
type Confusion struct {
	Joint [][]float64
	soft  bool // a row counts as its probabilities, not as the largest of them
}

// HardConfusion counts the most probable class of each row as its prediction.
func HardConfusion(p losses.Probs, labels []int) (*Confusion, error) {
	return confusionOf(p, labels, false)
}

// SoftConfusion counts a row as a prediction of each class in the measure of
// its probability: less noisy where the classifier is unsure.
func SoftConfusion(p losses.Probs, labels []int) (*Confusion, error) {
	return confusionOf(p, labels, true)
}

func confusionOf(p losses.Probs, labels []int, soft bool) (*Confusion, error) {
	if _, err := losses.TopLabel(p, labels); err != nil { // checks both
		return nil, err
	}
	if p.Rows() == 0 {
		return nil, domain.Errorf(domain.ShapeMismatch, "no rows: want at least one")
	}
	c := &Confusion{make([][]float64, p.Classes), soft}
	for i := range c.Joint {
		c.Joint[i] = make([]float64, p.Classes)
	}
	share := 1 / float64(p.Rows())
	predicted := c.predictions(p)
	for r, y := range labels {
		for i, v := range predicted.Row(r) {
			c.Joint[i][y] += v * share
		}
	}
	return c, nil
}

// predictions returns what each row counts as.
func (c *Confusion) predictions(p losses.Probs) losses.Table {
	if c.soft {
		return p.Table
	}
	one, err := losses.OneHot(p.Argmax(), p.Classes)
	if err != nil {
		panic(err) // an argmax is a class
	}
	return one.Table
}

// Predicted returns the share of each prediction among rows, counted as the
// confusion counts them.
func (c *Confusion) Predicted(p losses.Probs) []float64 { return columnMeans(c.predictions(p)) }

// matrix checks C and μ and returns C.
func (c *Confusion) matrix(predicted []float64) (*mat.Dense, error) {
	n := len(c.Joint)
	if n == 0 || len(predicted) != n {
		return nil, domain.Errorf(domain.ShapeMismatch, "%d shares of predictions for a confusion of %d classes", len(predicted), n)
	}
	var flat []float64
	for i, row := range c.Joint {
		if len(row) != n {
			return nil, domain.Errorf(domain.ShapeMismatch, "row %d of the confusion has %d entries: want %d", i, len(row), n)
		}
		flat = append(flat, row...)
	}
	for _, d := range []struct {
		name string
		p    []float64
	}{{"confusion", flat}, {"shares of predictions", predicted}} {
		if _, err := losses.ProbsOf([][]float64{d.p}); err != nil {
			return nil, domain.Errorf(domain.InvalidDistribution, "%s: %v", d.name, err)
		}
	}
	return dense(c.Joint), nil
}

// dense returns the matrix of rows of equal length.
func dense(rows [][]float64) *mat.Dense {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, row := range rows {
		m.SetRow(i, row)
	}
	return m
}

func condition(m *mat.Dense) float64 {
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDNone) {
		return math.Inf(1)
	}
	s := svd.Values(nil)
	return s[0] / s[len(s)-1]
}
