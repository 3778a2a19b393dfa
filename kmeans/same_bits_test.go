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

func sameBits[F tensor.Float](t rapid.TB, what string, a, b *tensor.Tensor[F]) {
	t.Helper()
	if !slices.Equal(a.Data, b.Data) {
		t.Fatalf("%s differ", what)
	}
}

func TestAssignIsPlain(t *testing.T) {
	t.Run("float32", func(t *testing.T) { rapid.Check(t, assignIsPlain[float32]) })
	t.Run("float64", func(t *testing.T) { rapid.Check(t, assignIsPlain[float64]) })
}

func assignIsPlain[F tensor.Float](t *rapid.T) {
	points, centers := draw[F](t)
	a, err := kmeans.Assign(context.Background(), points, centers)
	if err != nil {
		t.Fatal(err)
	}
	inertia := 0.0
	for i := range points.Shape[0] {
		k, d, err := kmeans.Nearest(points.Row(i), centers)
		if err != nil {
			t.Fatal(err)
		}
		if inertia += d; a.Labels[i] != k {
			t.Fatalf("point %d: label %d, want %d", i, a.Labels[i], k)
		}
	}
	if a.Inertia != inertia {
		t.Fatalf("inertia %v, want %v", a.Inertia, inertia)
	}
}

func TestLloydIsPlain(t *testing.T) {
	t.Run("float32", func(t *testing.T) { rapid.Check(t, lloydIsPlain[float32]) })
	t.Run("float64", func(t *testing.T) { rapid.Check(t, lloydIsPlain[float64]) })
}

func lloydIsPlain[F tensor.Float](t *rapid.T) {
	points, centers := draw[F](t)
	c := kmeans.Config{MaxUpdates: 12, Empty: rapid.SampledFrom([]kmeans.Empty{kmeans.KeepCenter, kmeans.TakeFarthest}).Draw(t, "empty")}
	c.Trajectory = rapid.Bool().Draw(t, "trajectory")
	fast := lloyd(t, points, centers, c)
	c.Plain = true
	plain := lloyd(t, points, centers, c)
	sameBits(t, "centers", fast.Centers, plain.Centers)
	if !slices.Equal(fast.Labels, plain.Labels) || fast.Inertia != plain.Inertia || fast.Updates != plain.Updates || !slices.Equal(fast.Trajectory, plain.Trajectory) {
		t.Fatalf("labels, inertia, updates or trajectory differ")
	}
}

func lloyd[F tensor.Float](t rapid.TB, points, centers *tensor.Tensor[F], c kmeans.Config) *kmeans.Result[F] {
	t.Helper()
	r, err := kmeans.Lloyd(context.Background(), points, centers, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestOnlineIsOneByOne(t *testing.T) {
	t.Run("float32", func(t *testing.T) { rapid.Check(t, onlineIsOneByOne[float32]) })
	t.Run("float64", func(t *testing.T) { rapid.Check(t, onlineIsOneByOne[float64]) })
}

func onlineIsOneByOne[F tensor.Float](t *rapid.T) {
	points, centers := draw[F](t)
	m, k := points.Shape[0], centers.Shape[0]
	rate := rapid.SampledFrom([]kmeans.Rate{kmeans.InverseCount(), kmeans.CountPower(0.75), kmeans.Power(0.5, 10, 0.6), kmeans.ConstantRate(1.3)}).Draw(t, "rate")
	patience := rapid.SampledFrom([]int{0, 40 + k}).Draw(t, "patience")
	learner := func() *kmeans.Online[F] {
		o, err := kmeans.NewTracker(centers, rate)
		if err != nil {
			t.Fatal(err)
		}
		o.Patience, o.Tail, o.Watch = patience, kmeans.NewTail(o, 20), kmeans.NewWatch(o, 10)
		return o
	}
	many, one, batches := learner(), learner(), learner()
	labels, single := make([]int, m), make([]int, m)
	if err := many.Learn(context.Background(), points, labels); err != nil {
		t.Fatal(err)
	}
	for i := range m {
		if err := one.Learn(context.Background(), points.Rows(i, i+1), single[i:i+1]); err != nil {
			t.Fatal(err)
		}
		if err := batches.LearnBatch(context.Background(), points.Rows(i, i+1), nil); err != nil {
			t.Fatal(err)
		}
	}
	for what, o := range map[string]*kmeans.Online[F]{"one by one": one, "batches of one": batches} {
		sameBits(t, "centers of "+what, many.Centers, o.Centers)
		sameBits(t, "tails of "+what, many.Tail.Centers, o.Tail.Centers)
		sameBits(t, "watched means of "+what, many.Watch.Centers.Means, o.Watch.Centers.Means)
		if !slices.Equal(many.Counts, o.Counts) || !slices.Equal(many.LastWin, o.LastWin) {
			t.Fatalf("counts or last wins of %s differ", what)
		}
	}
	if !slices.Equal(labels, single) {
		t.Fatal("labels differ")
	}
}

func TestSameBitsOnAnyNumberOfProcessors(t *testing.T) {
	points := random[float32](newRand(3), 3000, 150, 0, false)
	centers := kmeans.Rows(points, newRand(4).Perm(3000)[:20])
	var results []*kmeans.Result[float32]
	var online []*tensor.Tensor[float32]
	for _, n := range []int{1, 2} {
		onProcessors(n, func() {
			results = append(results, lloyd(t, points, centers, kmeans.Config{MaxUpdates: 8}))
			o, err := kmeans.NewOnline(centers, kmeans.InverseCount())
			if err != nil {
				t.Fatal(err)
			}
			if err := o.Learn(context.Background(), points, nil); err != nil {
				t.Fatal(err)
			}
			online = append(online, o.Centers)
		})
	}
	sameBits(t, "centers of Lloyd", results[0].Centers, results[1].Centers)
	sameBits(t, "centers of online", online[0], online[1])
	if results[0].Inertia != results[1].Inertia || !slices.Equal(results[0].Labels, results[1].Labels) || results[0].Cost != results[1].Cost {
		t.Error("inertia, labels or costs differ")
	}
}

// A stream that wanders off from its first examples is learnt to the same bits,
// and by few distances again once a new screen is made.
func TestOnlineFollowsAStream(t *testing.T) {
	const m, n, k = 12000, 130, 20
	points := random[float32](newRand(11), m, n, 0, false)
	for i := range m / 2 {
		for j := range points.Row(m/2 + i) {
			points.Row(m/2 + i)[j] += 1e4
		}
	}
	start := kmeans.Rows(points, newRand(12).Perm(m)[:k])
	many, err := kmeans.NewOnline(start, kmeans.InverseCount())
	if err != nil {
		t.Fatal(err)
	}
	one, err := kmeans.NewOnline(start, kmeans.InverseCount())
	if err != nil {
		t.Fatal(err)
	}
	if err := many.Learn(context.Background(), points, nil); err != nil {
		t.Fatal(err)
	}
	for i := range m {
		if err := one.Learn(context.Background(), points.Rows(i, i+1), nil); err != nil {
			t.Fatal(err)
		}
	}
	sameBits(t, "centers", many.Centers, one.Centers)
	if many.Cost.Distances > many.Cost.Plain/2 {
		t.Errorf("%d distances, %d in the plain loop", many.Cost.Distances, many.Cost.Plain)
	}
}

// Centers on a sphere about each point are equally near but for rounding.
func TestNearTies(t *testing.T) {
	rng := newRand(13)
	for _, k := range []int{5, 20} {
		for _, n := range []int{20, 150} {
			for range 100 {
				x, centers := random[float32](rng, 2, n, 0, false), tensor.New[float32](k, n)
				for c := range k {
					row, norm := centers.Row(c), 0.0
					for j := range row {
						row[j] = float32(rng.NormFloat64())
						norm += float64(row[j]) * float64(row[j])
					}
					for j := range row {
						row[j] = x.Row(0)[j] + row[j]*float32(3/math.Sqrt(norm))
					}
				}
				want, _, err := kmeans.Nearest(x.Row(0), centers)
				if err != nil {
					t.Fatal(err)
				}
				a, err := kmeans.Assign(context.Background(), x, centers)
				if err != nil {
					t.Fatal(err)
				}
				o, err := kmeans.NewOnline(centers, kmeans.InverseCount())
				if err != nil {
					t.Fatal(err)
				}
				labels := make([]int, 2)
				if err := o.Learn(context.Background(), x, labels); err != nil {
					t.Fatal(err)
				}
				if a.Labels[0] != want || labels[0] != want {
					t.Fatalf("%d centers in %d dimensions: labels %d and %d, want %d", k, n, a.Labels[0], labels[0], want)
				}
			}
		}
	}
}
