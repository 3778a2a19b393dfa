package kmeans

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// DomainError says that a value lies outside the domain of a formula, with a
// code.
type DomainError = domain.Error

// Nearest returns the index of the row of centers [K, n] that is nearest to x
// [n], the lowest of those equally near, and the squared distance to it:
// differences first, squares added in float64. The errors are those of
// [Assign]. Source: docs/kmeans.md.
func Nearest[F tensor.Float](x []F, centers *tensor.Tensor[F]) (index int, squared float64, err error) {
	if err := checkCenters(centers, len(x)); err != nil {
		return 0, 0, err
	}
	index, squared = nearest(x, centers.Data)
	if index < 0 {
		return 0, 0, notFinite(0)
	}
	return index, squared, nil
}

// Gradient returns f(y) = min_k ‖x − y_k‖², the index of the nearest centre and
// the gradient of f in the centers [K, n]: 2(y_k − x) in the row of the
// nearest, 0 elsewhere. Where several are equally near f has no gradient; that
// of the lowest index is one of Clarke's. Source: docs/kmeans.md.
func Gradient[F tensor.Float](x []F, centers *tensor.Tensor[F]) (value float64, index int, gradient *tensor.Tensor[F], err error) {
	index, value, err = Nearest(x, centers)
	if err != nil {
		return 0, 0, nil, err
	}
	gradient = tensor.New[F](centers.Shape...)
	g := gradient.Row(index)
	for i, y := range centers.Row(index) {
		g[i] = 2 * (y - x[i])
	}
	return value, index, gradient, nil
}

// nearest is the plain loop that all others agree with. The index is −1 if no
// distance is finite.
func nearest[F tensor.Float](x, centers []F) (index int, squared float64) {
	index, squared = -1, math.Inf(1)
	if len(x) == 0 {
		return 0, 0
	}
	for k, at := 0, 0; at < len(centers); k, at = k+1, at+len(x) {
		if d := simd.SquaredDistance(x, centers[at:at+len(x)]); d < squared {
			index, squared = k, d
		}
	}
	return index, squared
}

// roughCenters and roughCoordinates are from where on rough distances pay.
const roughCenters, roughCoordinates = 4, 16

// among returns what nearest does, by rough distances first, for which rough
// has room, and exact ones between those that are as good as equal. If the
// distance is not wanted it is −1 where there is no such doubt. distances is the
// number of exact ones.
func among[F tensor.Float](x, centers, rough []F, wanted bool) (index int, squared float64, distances int) {
	if len(rough) < roughCenters || len(x) < roughCoordinates {
		index, squared = nearest(x, centers)
		return index, squared, len(rough)
	}
	simd.RoughDistances(rough, x, centers)
	first := 0
	for k, d := range rough {
		if d < rough[first] {
			first = k
		}
	}
	n := len(x)
	limit := F(float64(rough[first])*(1+5*simd.RoughError[F](n)) + float64(n)*0x1p-120)
	if !(limit < math.MaxFloat32/4) || !(rough[first] >= 0) {
		index, squared = nearest(x, centers)
		return index, squared, len(rough)
	}
	if !wanted && simd.CountAtMost(rough, limit) == 1 {
		return first, -1, 0
	}
	index, squared = -1, math.Inf(1)
	for k, d := range rough {
		if d > limit {
			continue
		}
		distances++
		if d := simd.SquaredDistance(x, centers[k*n:(k+1)*n]); d < squared {
			index, squared = k, d
		}
	}
	return index, squared, distances
}

// slack bounds the relative error of a computed squared distance in n
// dimensions, and of a few operations on its root, with room to spare.
func slack(n int) float64 { return (float64(n)/16 + 64) * 0x1p-52 }

func checkCenters[F tensor.Float](centers *tensor.Tensor[F], n int) error {
	switch {
	case len(centers.Shape) != 2 || centers.Shape[0] > 0 && centers.Shape[1] != n:
		return domain.Errorf(domain.ShapeMismatch, "centers %v for points of %d coordinates: want [K %d]", centers.Shape, n, n)
	case centers.Shape[0] == 0:
		return domain.Errorf(domain.InvalidParameter, "no centers: want at least one")
	}
	for i, v := range centers.Data {
		if v-v != 0 {
			return domain.Errorf(domain.InvalidParameter, "coordinate %d of center %d is %v: want it finite", i%n, i/n, v)
		}
	}
	return nil
}

func checkPoints[F tensor.Float](points *tensor.Tensor[F]) (m, n int, err error) {
	if len(points.Shape) != 2 {
		return 0, 0, domain.Errorf(domain.ShapeMismatch, "points %v: want [m n]", points.Shape)
	}
	return points.Shape[0], points.Shape[1], nil
}

func check[F tensor.Float](points, centers *tensor.Tensor[F]) (m, n, k int, err error) {
	if m, n, err = checkPoints(points); err != nil {
		return 0, 0, 0, err
	}
	return m, n, centers.Shape[0], checkCenters(centers, n)
}

func notFinite(point int) error {
	return domain.Errorf(domain.InvalidParameter, "point %d has no finite distance to any center: want finite coordinates", point)
}
