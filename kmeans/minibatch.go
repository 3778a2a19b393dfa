package kmeans

import (
	"context"

	"github.com/gradus-ml/gradus/tensor"
)

// LearnBatch presents the rows of points [m, n] as one batch: all are given to
// the centers as they stand, then each center goes towards its examples, one
// after the other. With rate 1/n_k that is y_k ← (n_k·y_k + Σx)/(n_k + number).
// A batch of one is [Online.Learn]. On an error nothing has been learnt.
func (o *Online[F]) LearnBatch(ctx context.Context, points *tensor.Tensor[F], labels []int) error {
	m, err := o.accept(points, labels)
	if err != nil {
		return err
	}
	l := newLabelling(points, o.Centers) // batches are small: no screen
	if labels != nil {
		l.labels = labels
	}
	if err := l.full(ctx, false); err != nil {
		return err
	}
	o.Cost.Distances += l.distances.Load()
	for i := range m {
		k, squared, distances := o.rescue(points.Row(i))
		if k < 0 {
			k, squared = l.labels[i], l.own[i]
		}
		l.labels[i] = k
		o.win(points.Row(i), k, squared, distances)
	}
	return nil
}
