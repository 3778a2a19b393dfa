package tensor

import (
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
)

// Softmax computes y[r, c] = e^x[r, c] / Σ_k e^x[r, k] over the last index. The
// row maximum is subtracted first, so nothing overflows. y may be x. A row that
// holds NaN or +Inf, or only −Inf, becomes NaN.
func Softmax[F Float](y, x *Tensor[F]) {
	j := sameRows("tensor.Softmax", y, x)
	j.expRows()
	j.run((*softmaxRows[F])(j))
}

// LogSoftmax computes y[r, c] = x[r, c] − ln Σ_k e^x[r, k] over the last index,
// with the row maximum subtracted first. y may be x.
func LogSoftmax[F Float](y, x *Tensor[F]) {
	j := sameRows("tensor.LogSoftmax", y, x)
	j.run((*logSoftmaxRows[F])(j))
}

// LogSumExp computes dst[r] = ln Σ_k e^x[r, k] over the last index: −Inf for a
// row of −Inf or an empty one, +Inf if the row holds +Inf, NaN if it holds NaN.
func LogSumExp[F Float](dst []F, x *Tensor[F]) {
	rows, cols := matrixOf("tensor.LogSumExp", x)
	if len(dst) != rows {
		panic(Mismatch("tensor.LogSumExp", "a place for each row", []int{len(dst)}, x.Shape))
	}
	j := takeRows[F](rows, cols)
	j.vector, j.x = dst, x.Data
	j.run((*logSumExpRows[F])(j))
}

func sameRows[F Float](op string, y, x *Tensor[F]) *rowJob[F] {
	rows, cols := matrixOf(op, x)
	if len(y.Data) != len(x.Data) {
		panic(Mismatch(op, "two tensors of one shape", y.Shape, x.Shape))
	}
	j := takeRows[F](rows, cols)
	j.y, j.x = y.Data, x.Data
	return j
}

type softmaxRows[F Float] rowJob[F]

func (s *softmaxRows[F]) Block(i int) {
	j := (*rowJob[F])(s)
	lo, hi := j.span(i)
	_, sums := j.expBlock(lo, hi)
	for r, sum := range sums {
		standardise(j.y[(lo+r)*j.cols:(lo+r+1)*j.cols], F(1/sum), 0)
	}
}

// standardise computes row[c] = row[c]·scale + shift.
func standardise[F Float](row []F, scale, shift F) {
	if len(row) > 16 {
		simd.Standardise(row, row, 0, scale, shift)
		return
	}
	for c := range row { // too short for a kernel's call
		row[c] = F(row[c]*scale) + shift
	}
}

type logSoftmaxRows[F Float] rowJob[F]

func (s *logSoftmaxRows[F]) Block(i int) {
	j := (*rowJob[F])(s)
	for lo, hi := j.span(i); lo < hi; lo++ {
		y, x := j.y[lo*j.cols:(lo+1)*j.cols], j.x[lo*j.cols:(lo+1)*j.cols]
		m := simd.Max(x)
		simd.Standardise(y, x, m, 1, F(-math.Log(simd.SumExp(x, m))))
	}
}

type logSumExpRows[F Float] rowJob[F]

func (s *logSumExpRows[F]) Block(i int) {
	j := (*rowJob[F])(s)
	for lo, hi := j.span(i); lo < hi; lo++ {
		x := j.x[lo*j.cols : (lo+1)*j.cols]
		m := simd.Max(x)
		if math.IsInf(float64(m), 0) {
			j.vector[lo] = m
			continue
		}
		j.vector[lo] = F(float64(m) + math.Log(simd.SumExp(x, m)))
	}
}
