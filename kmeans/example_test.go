package kmeans_test

import (
	"context"
	"fmt"

	"github.com/gradus-ml/gradus/kmeans"
	"github.com/gradus-ml/gradus/tensor"
)

func ExampleLloyd() {
	points := tensor.From([]float64{0, 0, 0, 1, 8, 8, 8, 9, 4, 0, 4, 1}, 6, 2)
	seeds, _, err := kmeans.PlusPlus(context.Background(), points, []float64{0.1, 0.5, 0.5})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := kmeans.Lloyd(context.Background(), points, kmeans.Rows(points, seeds), kmeans.Config{MaxUpdates: 100})
	if err != nil {
		fmt.Println(err)
		return
	}
	best, _, err := kmeans.Optimum(context.Background(), points, 3)
	fmt.Println("seeds", seeds)
	fmt.Println("labels", r.Labels, "after", r.Updates, "updates")
	fmt.Println("inertia", r.Inertia, "and the best possible", best, err)
	// Output:
	// seeds [0 3 4]
	// labels [0 0 1 1 2 2] after 1 updates
	// inertia 1.5 and the best possible 1.5 <nil>
}

func ExampleOnline() {
	start := tensor.From([]float64{0, 10}, 2, 1)
	o, err := kmeans.NewOnline(start, kmeans.InverseCount())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, batch := range [][]float64{{1, 9, 2}, {3}, {11, 10}} {
		if err := o.Learn(context.Background(), tensor.From(batch, len(batch), 1), nil); err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Println("centers", o.Centers.Data, "counts", o.Counts)

	_, err = kmeans.NewOnline(start, kmeans.ConstantRate(0.1))
	fmt.Println(err)
	// Output:
	// centers [2 10] counts [3 3]
	// the rate is constantly 0.1, so the sum of its squares is infinite and the centers keep moving: want Tracking, or a rate that falls
}
