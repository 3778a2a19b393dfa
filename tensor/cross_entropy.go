package tensor

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
)

// SoftmaxCrossEntropy computes the loss of each row of logits [rows, classes]
// and its gradient in one pass over the row:
//
//	loss[r] = −Σ_c t[c]·ln softmax(logits[r])[c]
//	gradient[r, c] = softmax(logits[r])[c] − t[c]
//
// where t is 1−smoothing at the label plus smoothing/classes everywhere. A row
// with a negative label has loss and gradient 0. gradient is [rows, classes],
// may be logits itself, or nil if it is not wanted. The row maximum is
// subtracted first, so nothing overflows. Panics with a [*ShapeError] if there
// is not one loss and one label for each row, and if a label is not below the
// number of classes.
func SoftmaxCrossEntropy[F Float](loss []F, gradient, logits *Tensor[F], labels []int, smoothing float64) {
	const op = "tensor.SoftmaxCrossEntropy"
	rows, cols := matrixOf(op, logits)
	if len(loss) != rows || len(labels) != rows {
		panic(Mismatch(op, "one loss and one label for each row of the logits", []int{len(loss)}, []int{len(labels)}, logits.Shape))
	}
	for r, label := range labels {
		if label >= cols {
			panic(Mismatch(op, fmt.Sprintf("labels below %d, and row %d has %d", cols, r, label), logits.Shape))
		}
	}
	j := takeRows[F](rows, cols)
	j.x, j.vector, j.labels, j.smoothing = logits.Data, loss, labels, smoothing
	if gradient != nil {
		if len(gradient.Data) != len(logits.Data) {
			panic(Mismatch(op, "a gradient of the shape of the logits", gradient.Shape, logits.Shape))
		}
		j.y = gradient.Data
		j.expRows()
	}
	j.run((*crossEntropyRows[F])(j))
}

type crossEntropyRows[F Float] rowJob[F]

func (s *crossEntropyRows[F]) Block(i int) {
	j := (*rowJob[F])(s)
	lo, hi := j.span(i)
	if j.y != nil && j.smoothing == 0 {
		j.oneHotRows(lo, hi)
		return
	}
	for ; lo < hi; lo++ {
		x := j.x[lo*j.cols : (lo+1)*j.cols]
		var gradient []F
		if j.y != nil {
			gradient = j.y[lo*j.cols : (lo+1)*j.cols]
		}
		if j.labels[lo] < 0 {
			j.vector[lo] = 0
			clear(gradient)
			continue
		}
		j.vector[lo] = crossEntropyRow(gradient, x, j.labels[lo], j.smoothing)
	}
}

// oneHotRows is the case that training takes most, a block of rows at a time.
func (j *rowJob[F]) oneHotRows(lo, hi int) {
	loss, labels := j.vector[lo:hi], j.labels[lo:hi]
	for r, label := range labels { // before the gradient may overwrite them
		if label >= 0 {
			loss[r] = j.x[(lo+r)*j.cols+label]
		}
	}
	top, sums := j.expBlock(lo, hi)
	for r, label := range labels {
		gradient := j.y[(lo+r)*j.cols : (lo+r+1)*j.cols]
		if label < 0 {
			loss[r] = 0
			clear(gradient)
			continue
		}
		loss[r] = F(math.Log(sums[r]) - float64(loss[r]-top[r]))
		standardise(gradient, F(1/sums[r]), 0)
		gradient[label]--
	}
}

func crossEntropyRow[F Float](gradient, x []F, label int, smoothing float64) F {
	m := simd.Max(x)
	atLabel, each := float64(x[label]-m), smoothing/float64(len(x))
	rest := 0.0
	if smoothing != 0 { // else 0·∞ where a logit is −Inf
		rest = smoothing * (simd.Sum(x)/float64(len(x)) - float64(m))
	}
	var sum float64
	if gradient == nil {
		sum = simd.SumExp(x, m)
	} else {
		sum = simd.ExpSum(gradient, x, m)
		standardise(gradient, F(1/sum), F(-each))
		gradient[label] -= F(1 - smoothing)
	}
	return F(math.Log(sum) - (1-smoothing)*atLabel - rest)
}
