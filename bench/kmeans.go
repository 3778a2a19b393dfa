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
		w := Workload{Unit: Milliseconds, Warm: 1, Counted: 3, NeedsMNIST: true, Bytes: 4 * 60000 * 784}
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

// images returns the MNIST training images as rows, and k of them.
func images(e Environment, k int) (points, start *tensor.Tensor[float32], err error) {
	source, err := dataset.Open(e.MNIST, dataset.Train)
	if err != nil {
		return nil, nil, err
	}
	points = tensor.New[float32](source.Len(), source.Info().Size())
	for i := range source.Len() {
		if _, err := source.Read(i, points.Row(i)); err != nil {
			return nil, nil, err
		}
	}
	return points, kmeans.Rows(points, newRand().Perm(source.Len())[:k]), nil
}
