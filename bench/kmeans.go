package bench

import (
	"context"
	"fmt"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/kmeans"
	"github.com/gradus-ml/gradus/tensor"
)

// clustering is one iteration of Lloyd's algorithm, averaged over ten, and one
// epoch of online k-means, one example at a time, over the MNIST training
// images, both from K images drawn at random.
func clustering() []Workload {
	const updates = 10
	var list []Workload
	for _, k := range []int{10, 256} {
		w := Workload{Unit: Milliseconds, Warm: 1, Counted: 3, NeedsImages: true, Bytes: 4 * imageCount * imageSize}
		lloyd, online := w, w
		lloyd.Name, lloyd.Divisor = fmt.Sprintf("kmeans_lloyd_%d", k), updates
		lloyd.Prepare = func(e Environment) (func(), error) {
			points, start, err := images(e, k)
			return func() {
				if _, err := kmeans.Lloyd(context.Background(), points, start, kmeans.Config{MaxUpdates: updates}); err != nil {
					panic(err) // images are finite
				}
			}, err
		}
		online.Name = fmt.Sprintf("kmeans_online_%d", k)
		online.Prepare = func(e Environment) (func(), error) {
			points, start, err := images(e, k)
			return func() {
				o, err := kmeans.NewOnline(start, kmeans.InverseCount())
				if err == nil {
					err = o.Learn(context.Background(), points, nil)
				}
				if err != nil {
					panic(err) // images are finite
				}
			}, err
		}
		list = append(list, lloyd, online)
	}
	return list
}

// The training images of MNIST.
const imageCount, imageSize = 60000, 784

// OpenImages opens the training images of MNIST for [Environment]. It returns an
// error where path holds none, or others.
func OpenImages(path string) (dataset.Source, error) {
	source, err := dataset.Open(path, dataset.Train)
	if err != nil {
		return nil, err
	}
	if n, size := source.Len(), source.Info().Size(); n != imageCount || size != imageSize {
		return nil, fmt.Errorf("%s: %d examples of %d values: want MNIST's %d of %d", path, n, size, imageCount, imageSize)
	}
	return source, nil
}

// images returns the images as rows, and k of them.
func images(e Environment, k int) (points, start *tensor.Tensor[float32], err error) {
	points = tensor.New[float32](imageCount, imageSize)
	for i := range imageCount {
		if _, err := e.Images.Read(i, points.Row(i)); err != nil {
			return nil, nil, err
		}
	}
	return points, kmeans.Rows(points, newRand().Perm(imageCount)[:k]), nil
}
