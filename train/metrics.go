package train

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/losses"
)

// Metrics is how a classifier does on some data.
type Metrics struct {
	Examples int      `json:"examples"`
	Loss     float64  `json:"loss"`     // mean cross-entropy in nats, neither smoothed nor weighted
	Accuracy float64  `json:"accuracy"` // fraction of examples whose largest logit is their label's
	Classes  []string `json:"classes"`

	// Confusion[label][prediction] counts examples. Of equal logits the first
	// is the prediction.
	Confusion [][]int `json:"confusion"`
}

func newMetrics(classes []string) *Metrics {
	m := &Metrics{Classes: classes, Confusion: make([][]int, len(classes))}
	for i := range m.Confusion {
		m.Confusion[i] = make([]int, len(classes))
	}
	return m
}

// Score is the loss and the accuracy.
func (m *Metrics) Score() Score { return Score{m.Loss, m.Accuracy} }

// Recall is, for each class, the fraction of its examples that were predicted
// to be of it; NaN for a class without examples.
func (m *Metrics) Recall() []float64 {
	recall := make([]float64, len(m.Confusion))
	for label, row := range m.Confusion {
		total := 0
		for _, n := range row {
			total += n
		}
		recall[label] = float64(row[label]) / float64(total)
	}
	return recall
}

// Precision is, for each class, the fraction of the predictions of it that
// were right; NaN for a class that was never predicted.
func (m *Metrics) Precision() []float64 {
	precision := make([]float64, len(m.Confusion))
	for class := range precision {
		total := 0
		for _, row := range m.Confusion {
			total += row[class]
		}
		precision[class] = float64(m.Confusion[class][class]) / float64(total)
	}
	return precision
}

// add counts one example and adds its cross-entropy to Loss, which is a sum
// until [Metrics.mean].
func (m *Metrics) add(logits []float32, label int) {
	m.Examples++
	m.Confusion[label][largest(logits)]++
	m.Loss += crossEntropy(logits, label)
}

// mean turns the sums into means.
func (m *Metrics) mean() {
	right := 0
	for i := range m.Confusion {
		right += m.Confusion[i][i]
	}
	m.Loss /= float64(m.Examples)
	m.Accuracy = float64(right) / float64(m.Examples)
}

// largest returns the index of the first of the largest numbers.
func largest(x []float32) int {
	top := 0
	for i, v := range x {
		if v > x[top] {
			top = i
		}
	}
	return top
}

// crossEntropy is −log softmax(logits)[label] in float64. It is NaN if a
// logit is.
func crossEntropy(logits []float32, label int) float64 {
	top := float64(logits[largest(logits)])
	sum := 0.0
	for _, z := range logits {
		sum += math.Exp(float64(z) - top)
	}
	return math.Log(sum) + top - float64(logits[label])
}

// Measure returns the metrics of logits that are at hand, as [Logits] returns
// them. It returns an error if there is not one label in [0, classes) for each
// row, or no row.
func Measure(z losses.Logits, labels []int, classes []string) (*Metrics, error) {
	if z.Classes != len(classes) || z.Rows() != len(labels) || len(labels) == 0 {
		return nil, fmt.Errorf("train: logits [%d %d] for %d labels of %d classes: want a label for each row, and at least one", z.Rows(), z.Classes, len(labels), len(classes))
	}
	m := newMetrics(classes)
	row := make([]float32, z.Classes)
	for i, y := range labels {
		if y < 0 || y >= len(classes) {
			return nil, fmt.Errorf("train: label %d is %d: want it in [0, %d)", i, y, len(classes))
		}
		for k, v := range z.Row(i) {
			row[k] = float32(v)
		}
		m.add(row, y)
	}
	m.mean()
	return m, nil
}
