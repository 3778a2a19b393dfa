package kmeans_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/kmeans"
	"github.com/gradus-ml/gradus/tensor"
	"pgregory.net/rapid"
)

func TestLloydIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points, centers := draw[float64](t)
		empty := rapid.SampledFrom([]kmeans.Empty{kmeans.KeepCenter, kmeans.TakeFarthest}).Draw(t, "empty")
		r := lloyd(t, points, centers, kmeans.Config{MaxUpdates: 30, Trajectory: true, Empty: empty})
		largest := 0.0
		for _, v := range points.Data {
			largest = max(largest, math.Abs(v))
		}
		rounding := float64(len(points.Data)) * math.Pow(1e-15*largest, 2) // of the means
		for i, v := range r.Trajectory[1:] {
			if v > r.Trajectory[i]*(1+1e-12)+rounding {
				t.Fatalf("inertia rises from %v to %v at update %d", r.Trajectory[i], v, i+1)
			}
		}
		if len(r.Trajectory) != r.Updates+1 || r.Trajectory[r.Updates] != r.Inertia {
			t.Fatalf("trajectory %v of %d updates ends elsewhere than at %v", r.Trajectory, r.Updates, r.Inertia)
		}
		if r.Converged {
			again := lloyd(t, points, r.Centers, kmeans.Config{MaxUpdates: 5})
			if empty == kmeans.KeepCenter && (again.Updates != 1 || !slices.Equal(again.Labels, r.Labels)) {
				t.Fatalf("a converged result goes on for %d updates", again.Updates)
			}
		}
	})
}

func TestTakeFarthestLeavesNoCenterEmpty(t *testing.T) {
	points := random[float64](newRand(1), 200, 3, 0, false)
	centers := kmeans.Rows(points, []int{0, 1, 2, 3})
	copy(centers.Row(2), []float64{1e6, 1e6, 1e6})
	kept := lloyd(t, points, centers, kmeans.Config{MaxUpdates: 100})
	filled := lloyd(t, points, centers, kmeans.Config{MaxUpdates: 100, Empty: kmeans.TakeFarthest})
	if kept.Counts[2] != 0 || kept.Centers.Row(2)[0] != 1e6 {
		t.Errorf("an empty cluster did not keep its center: %v", kept.Centers.Row(2))
	}
	if slices.Min(filled.Counts) == 0 || filled.Inertia >= kept.Inertia {
		t.Errorf("counts %v, inertia %v, with the empty one kept %v", filled.Counts, filled.Inertia, kept.Inertia)
	}
}

func TestGradientIsADifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points, centers := draw[float64](t)
		x := points.Row(points.Shape[0] - 1)
		value, index, gradient, err := kmeans.Gradient(x, centers)
		if err != nil {
			t.Fatal(err)
		}
		second := math.Inf(1)
		for k := range centers.Shape[0] {
			if _, d, _ := kmeans.Nearest(x, centers.Rows(k, k+1)); k != index {
				second = min(second, d)
			}
		}
		const h = 1e-4
		if math.Sqrt(second)-math.Sqrt(value) < 4*h {
			return // near a tie there is no gradient
		}
		for range 20 {
			i := rapid.IntRange(0, len(gradient.Data)-1).Draw(t, "coordinate")
			g := gradient.Data[i]
			moved := centers.Clone()
			f := func(by float64) float64 {
				moved.Data[i] = centers.Data[i] + by
				_, d, err := kmeans.Nearest(x, moved)
				if err != nil {
					t.Fatal(err)
				}
				return d
			}
			if d := (f(h) - f(-h)) / (2 * h); math.Abs(d-g) > 1e-5*(1+math.Abs(g)+math.Sqrt(value)) {
				t.Fatalf("coordinate %d: gradient %v, difference %v", i, g, d)
			}
		}
	})
}

func TestInverseCountIsTheRunningMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points, centers := draw[float64](t)
		m, n, k := points.Shape[0], points.Shape[1], centers.Shape[0]
		o, err := kmeans.NewOnline(centers, kmeans.InverseCount())
		if err != nil {
			t.Fatal(err)
		}
		labels := make([]int, m)
		if err := o.Learn(context.Background(), points, labels); err != nil {
			t.Fatal(err)
		}
		sums, counts := tensor.New[float64](k, n), make([]int, k)
		for i, label := range labels {
			counts[label]++
			for j, v := range points.Row(i) {
				sums.Row(label)[j] += v
			}
		}
		for label, c := range counts {
			if c != o.Counts[label] {
				t.Fatalf("counts %v, want %v", o.Counts, counts)
			}
			for j, v := range o.Centers.Row(label) {
				if want := sums.Row(label)[j] / float64(c); c > 0 && math.Abs(v-want) > 1e-10*(1+math.Abs(want)) {
					t.Fatalf("center %d: %v, want %v", label, v, want)
				}
			}
		}
	})
}

func TestBatchIsTheJointMean(t *testing.T) {
	points := random[float64](newRand(2), 300, 4, 0, false)
	o, err := kmeans.NewOnline(kmeans.Rows(points, []int{5, 50, 150}), kmeans.InverseCount())
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < 300; at += 100 {
		before, counts := o.Centers.Clone(), slices.Clone(o.Counts)
		batch, labels := points.Rows(at, at+100), make([]int, 100)
		if err := o.LearnBatch(context.Background(), batch, labels); err != nil {
			t.Fatal(err)
		}
		assigned, err := kmeans.Assign(context.Background(), batch, before)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(assigned.Labels, labels) {
			t.Fatal("the batch is not given to the centers as they stood")
		}
		for k := range counts {
			for j := range 4 {
				sum := float64(counts[k]) * before.Row(k)[j]
				for i, label := range labels {
					if label == k {
						sum += batch.Row(i)[j]
					}
				}
				if want := sum / float64(o.Counts[k]); math.Abs(o.Centers.Row(k)[j]-want) > 1e-10*(1+math.Abs(want)) {
					t.Fatalf("center %d: %v, want %v", k, o.Centers.Row(k)[j], want)
				}
			}
		}
	}
}

func TestMergeIsTheJointMean(t *testing.T) {
	points := random[float64](newRand(3), 400, 5, 0, false)
	start := kmeans.Rows(points, []int{0, 100, 200, 300})
	both := make([]*kmeans.Online[float64], 2)
	labels := make([]int, 400)
	for i := range both {
		o, err := kmeans.NewOnline(start, kmeans.InverseCount())
		if err != nil {
			t.Fatal(err)
		}
		if err := o.Learn(context.Background(), points.Rows(200*i, 200*i+200), labels[200*i:200*i+200]); err != nil {
			t.Fatal(err)
		}
		both[i] = o
	}
	merged, err := kmeans.Merge(both[0], both[1])
	if err != nil {
		t.Fatal(err)
	}
	if merged.Steps != 400 {
		t.Errorf("%d steps, want 400", merged.Steps)
	}
	for k, count := range merged.Counts {
		if count != both[0].Counts[k]+both[1].Counts[k] {
			t.Errorf("center %d has count %d", k, count)
		}
		for j := range 5 {
			sum := 0.0
			for i, label := range labels {
				if label == k {
					sum += points.Row(i)[j]
				}
			}
			if want := sum / float64(count); math.Abs(merged.Centers.Row(k)[j]-want) > 1e-10*(1+math.Abs(want)) {
				t.Errorf("center %d: %v, want %v", k, merged.Centers.Row(k)[j], want)
			}
		}
	}
	other, err := kmeans.NewOnline(start, kmeans.CountPower(0.75))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kmeans.Merge(both[0], other); err == nil {
		t.Error("streams of different rates were merged")
	}
}

// Renaming the centers renames the result; points on no grid have no ties.
func TestPermutedCenters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := newRand(rapid.Uint64().Draw(t, "seed"))
		n := rapid.SampledFrom([]int{2, 9, 150}).Draw(t, "n")
		points := random[float64](rng, 300, n, 0, false)
		start := tensor.New[float64](20, n)
		for i := range start.Data {
			start.Data[i] = 3 * rng.NormFloat64()
		}
		order := rng.Perm(20)
		renamed := kmeans.Rows(start, order)
		a := lloyd(t, points, start, kmeans.Config{MaxUpdates: 10})
		b := lloyd(t, points, renamed, kmeans.Config{MaxUpdates: 10})
		for i, label := range b.Labels {
			if a.Labels[i] != order[label] {
				t.Fatalf("point %d: %d and %d", i, a.Labels[i], order[label])
			}
		}
		sameBits(t, "centers", kmeans.Rows(a.Centers, order), b.Centers)
	})
}
