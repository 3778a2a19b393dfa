package kmeans

import "github.com/gradus-ml/gradus/tensor"

// Rows returns a copy of the rows of points [m, n] with the given indices, as
// centers to start from.
func Rows[F tensor.Float](points *tensor.Tensor[F], indices []int) *tensor.Tensor[F] {
	n := tensor.Size(points.Shape[1:])
	c := tensor.New[F](len(indices), n)
	for i, at := range indices {
		copy(c.Row(i), points.Row(at))
	}
	return c
}
