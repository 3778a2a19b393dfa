package kmeans_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/kmeans"
	"github.com/gradus-ml/gradus/tensor"
)

// On images the screen saves most distances and changes no bit, and one epoch of
// online k-means over this few comes within a tenth of Lloyd.
func TestMNIST(t *testing.T) {
	points := mnist(t, 4000)
	seeds := newRand(1).Perm(4000)
	for _, k := range []int{10, 50} {
		start := kmeans.Rows(points, seeds[:k])
		fast := lloyd(t, points, start, kmeans.Config{MaxUpdates: 5})
		plain := lloyd(t, points, start, kmeans.Config{MaxUpdates: 5, Plain: true})
		sameBits(t, "centers", fast.Centers, plain.Centers)
		if !slices.Equal(fast.Labels, plain.Labels) || fast.Inertia != plain.Inertia {
			t.Errorf("K = %d: labels or inertia differ", k)
		}
		if fast.Cost.Plain != plain.Cost.Distances || fast.Cost.Distances > plain.Cost.Distances/4 {
			t.Errorf("K = %d: costs %+v, plain %+v", k, fast.Cost, plain.Cost)
		}
		converged := lloyd(t, points, start, kmeans.Config{MaxUpdates: 200})
		o, err := kmeans.NewOnline(start, kmeans.CountPower(0.75))
		if err != nil {
			t.Fatal(err)
		}
		if err := o.Learn(context.Background(), points, nil); err != nil {
			t.Fatal(err)
		}
		after, err := kmeans.Assign(context.Background(), points, o.Centers)
		if err != nil {
			t.Fatal(err)
		}
		if ratio := after.Inertia / converged.Inertia; !(ratio < 1.1) {
			t.Errorf("K = %d: online %v, Lloyd %v a point", k, after.Inertia/4000, converged.Inertia/4000)
		}
	}
}

// Far from the origin the expanded form of the distance would be noise.
func TestLargeOffset(t *testing.T) {
	points := mnist(t, 500)
	far, far64 := points.Clone(), tensor.New[float64](points.Shape...)
	for i, v := range points.Data {
		v = float32(math.Round(float64(v)*255) / 256)
		points.Data[i], far.Data[i], far64.Data[i] = v, v+4096, float64(v)+1e12
	}
	seeds := newRand(2).Perm(500)[:20]
	near := lloyd(t, points, kmeans.Rows(points, seeds), kmeans.Config{})
	if r := lloyd(t, far, kmeans.Rows(far, seeds), kmeans.Config{}); !slices.Equal(r.Labels, near.Labels) || r.Inertia != near.Inertia {
		t.Errorf("at 4096 in float32: inertia %v, want %v", r.Inertia, near.Inertia)
	}
	if r := lloyd(t, far64, kmeans.Rows(far64, seeds), kmeans.Config{}); !slices.Equal(r.Labels, near.Labels) {
		t.Errorf("at 10^12: inertia %v, want %v", r.Inertia, near.Inertia)
	}
}
