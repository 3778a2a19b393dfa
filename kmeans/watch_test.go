package kmeans_test

import (
	"context"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/gradus-ml/gradus/kmeans"
)

// What a watch has seen of the examples adds up to their scatter about one
// mean, however they were divided.
func TestScatterAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points, centers := draw[float64](t)
		o, err := kmeans.NewOnline(centers, kmeans.InverseCount())
		if err != nil {
			t.Fatal(err)
		}
		o.Watch = kmeans.NewWatch(o, 0)
		if err := o.Learn(context.Background(), points, nil); err != nil {
			t.Fatal(err)
		}
		one, err := kmeans.Lloyd(context.Background(), points, points.Rows(0, 1), kmeans.Config{MaxUpdates: 1})
		if err != nil {
			t.Fatal(err)
		}
		seen := &o.Watch.Examples
		if got, want := seen.Total(), one.Inertia; math.Abs(got-want) > 1e-9*max(want, 1) {
			t.Fatalf("total scatter %v, want %v", got, want)
		}
		if within := seen.Within(); within > seen.Total()*(1+1e-9) {
			t.Fatalf("within %v, more than the total %v", within, seen.Total())
		}
	})
}
