package tensor

import (
	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
)

// ColumnSums computes the sums over the rows of x, read as a matrix
// [rows, len(dst)], into dst, or adds them to it. Rows are added in order
// within blocks of a fixed number of rows, and the blocks in order.
func ColumnSums[F Float](dst []F, x *Tensor[F], add bool) {
	n := len(dst)
	if n == 0 || len(x.Data)%n != 0 {
		panic(Mismatch("tensor.ColumnSums", "a tensor whose rows have the length of dst", []int{n}, x.Shape))
	}
	if !add {
		clear(dst)
	}
	rows := len(x.Data) / n
	j := takeRows[F](rows, n)
	j.per = max(64, 4*j.per)
	blocks := parallel.Blocks(rows, j.per)
	if blocks <= 1 {
		simd.AddRows(dst, x.Data)
		j.release()
		return
	}
	if cap(j.scratch) < blocks*n {
		j.scratch = make([]F, blocks*n)
	}
	j.x, j.y = x.Data, j.scratch[:blocks*n]
	parallel.Run(blocks, (*columnSums[F])(j))
	simd.AddRows(dst, j.y)
	j.release()
}

type columnSums[F Float] rowJob[F]

func (s *columnSums[F]) Block(i int) {
	j := (*rowJob[F])(s)
	lo, hi := j.span(i)
	sums := j.y[i*j.cols : (i+1)*j.cols]
	clear(sums)
	simd.AddRows(sums, j.x[lo*j.cols:hi*j.cols])
}

// RowSums computes dst[r] = Σ_c x[r, c] over the last index, added up in
// float64.
func RowSums[F Float](dst []F, x *Tensor[F]) {
	rows, cols := matrixOf("tensor.RowSums", x)
	if len(dst) != rows {
		panic(Mismatch("tensor.RowSums", "a place for each row", []int{len(dst)}, x.Shape))
	}
	j := takeRows[F](rows, cols)
	j.vector, j.x = dst, x.Data
	j.run((*rowSums[F])(j))
}

type rowSums[F Float] rowJob[F]

func (s *rowSums[F]) Block(i int) {
	j := (*rowJob[F])(s)
	for lo, hi := j.span(i); lo < hi; lo++ {
		j.vector[lo] = F(simd.Sum(j.x[lo*j.cols : (lo+1)*j.cols]))
	}
}
