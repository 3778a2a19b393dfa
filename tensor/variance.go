package tensor

import "github.com/gradus-ml/gradus/internal/simd"

// RowMoments computes the mean and the variance of each row of x
// [rows, columns], all but the last index taken together. The divisor of the
// variance is the number of columns. The mean is subtracted before squaring, so
// a large mean does not cancel; both are added up in float64. An empty row has
// mean and variance NaN.
func RowMoments[F Float](mean, variance []float64, x *Tensor[F]) {
	rows, cols := matrixOf("tensor.RowMoments", x)
	if len(mean) != rows || len(variance) != rows {
		panic(Mismatch("tensor.RowMoments", "a mean and a variance for each row", []int{len(mean)}, []int{len(variance)}, x.Shape))
	}
	j := takeRows[F](rows, cols)
	j.x, j.mean, j.vari = x.Data, mean, variance
	j.run((*rowMoments[F])(j))
}

type rowMoments[F Float] rowJob[F]

func (s *rowMoments[F]) Block(i int) {
	j := (*rowJob[F])(s)
	n := float64(j.cols)
	for lo, hi := j.span(i); lo < hi; lo++ {
		x := j.x[lo*j.cols : (lo+1)*j.cols]
		j.mean[lo] = simd.Sum(x) / n
		j.vari[lo] = simd.CentredSquares(x, j.mean[lo]) / n
	}
}

// ChannelMoments computes the mean and the variance of each channel of x
// [batch, channels, …] over the batch and the inner indices, as [RowMoments]
// does for rows.
func ChannelMoments[F Float](mean, variance []float64, x *Tensor[F]) {
	if len(x.Shape) < 2 || len(mean) != x.Shape[1] || len(variance) != x.Shape[1] {
		panic(Mismatch("tensor.ChannelMoments", "[channels], [channels] and [batch channels …]", []int{len(mean)}, []int{len(variance)}, x.Shape))
	}
	batch, channels, depth := x.Shape[0], x.Shape[1], Size(x.Shape[2:])
	j := takeRows[F](channels, batch*depth)
	j.x, j.mean, j.vari, j.depth = x.Data, mean, variance, depth
	j.per = max(j.per, 8) // neighbours share cache lines where the planes are small
	j.run((*channelMoments[F])(j))
}

type channelMoments[F Float] rowJob[F]

func (s *channelMoments[F]) Block(i int) {
	j := (*rowJob[F])(s)
	lo, hi := j.span(i)
	mean, vari := j.mean[lo:hi], j.vari[lo:hi]
	clear(mean)
	clear(vari)
	n := float64(j.cols)
	for at := lo * j.depth; at < len(j.x); at += j.rows * j.depth { // one example
		for c := range mean {
			mean[c] += total(j.x[at+c*j.depth:][:j.depth])
		}
	}
	for c := range mean {
		mean[c] /= n
	}
	for at := lo * j.depth; at < len(j.x); at += j.rows * j.depth {
		for c := range vari {
			vari[c] += spread(j.x[at+c*j.depth:][:j.depth], mean[c])
		}
	}
	for c := range vari {
		vari[c] /= n
	}
}

// total and spread are the sum and the centred sum of squares of a plane, which
// may be a single element.
func total[F Float](plane []F) float64 {
	if len(plane) == 1 {
		return float64(plane[0])
	}
	return simd.Sum(plane)
}

func spread[F Float](plane []F, mean float64) float64 {
	if len(plane) == 1 {
		d := float64(plane[0]) - mean
		return d * d
	}
	return simd.CentredSquares(plane, mean)
}
