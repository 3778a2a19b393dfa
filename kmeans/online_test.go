package kmeans_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/gradus-ml/gradus/kmeans"
	"github.com/gradus-ml/gradus/tensor"
)

func TestRates(t *testing.T) {
	for _, c := range []struct {
		rate        kmeans.Rate
		count, step int
		want        float64
		converges   bool
	}{
		{kmeans.InverseCount(), 4, 9, 0.25, true},
		{kmeans.CountPower(0.75), 16, 9, 0.125, true},
		{kmeans.CountPower(0.5), 16, 9, 0.25, false},
		{kmeans.CountPower(1.5), 4, 9, 0.125, false},
		{kmeans.Power(0.5, 10, 1), 4, 10, 0.25, true},
		{kmeans.Power(0.5, 10, 0), 4, 10, 0.5, false},
		{kmeans.ConstantRate(0.1), 4, 10, 0.1, false},
	} {
		if got := c.rate.At(c.count, c.step); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("%+v at %d, %d: %v, want %v", c.rate, c.count, c.step, got, c.want)
		}
		if err := c.rate.RobbinsMonro(); (err == nil) != c.converges {
			t.Errorf("%+v: %v", c.rate, err)
		}
		centers := tensor.New[float64](1, 2)
		if _, err := kmeans.NewOnline(centers, c.rate); (err == nil) != c.converges {
			t.Errorf("%+v: %v", c.rate, err)
		}
		if _, err := kmeans.NewTracker(centers, c.rate); err != nil {
			t.Errorf("%+v: %v", c.rate, err)
		}
	}
}

// code wants an error of the domain.
func code(t *testing.T, what string, err error, want string) {
	t.Helper()
	if e := new(kmeans.DomainError); !errors.As(err, &e) || e.Code != want {
		t.Errorf("%s: error %v, want code %s", what, err, want)
	}
}

func TestRefusals(t *testing.T) {
	ctx := context.Background()
	points := random[float64](newRand(1), 20, 3, 0, false)
	centers := kmeans.Rows(points, []int{0, 1})
	nan, wide := points.Clone(), tensor.New[float64](2, 4)
	nan.Row(7)[2] = math.NaN()
	const parameter, shape = "invalid_parameter", "shape_mismatch"
	assign := func(x, c *tensor.Tensor[float64]) error { _, err := kmeans.Assign(ctx, x, c); return err }
	run := func(c kmeans.Config) error { _, err := kmeans.Lloyd(ctx, points, centers, c); return err }
	seed := func(u ...float64) error { _, _, err := kmeans.PlusPlus(ctx, points, u); return err }
	learner := func(change func(o *kmeans.Online[float64])) error {
		o, err := kmeans.NewTracker(centers, kmeans.ConstantRate(0.1))
		if err != nil {
			t.Fatal(err)
		}
		change(o)
		return o.Learn(ctx, points, nil)
	}
	code(t, "no centers", assign(points, tensor.New[float64](0, 3)), parameter)
	code(t, "centers of other width", assign(points, wide), shape)
	code(t, "centers of rank 1", assign(points, tensor.New[float64](3)), shape)
	code(t, "points of rank 1", assign(tensor.New[float64](3), centers), shape)
	code(t, "a point that is no number", assign(nan, centers), parameter)
	code(t, "a center that is no number", assign(points, nan), parameter)
	code(t, "updates", run(kmeans.Config{MaxUpdates: -1}), parameter)
	code(t, "empty", run(kmeans.Config{Empty: 7}), parameter)
	code(t, "no uniforms", seed(), parameter)
	code(t, "uniform of 1", seed(0.5, 1), parameter)
	_, _, err := kmeans.Greedy(ctx, points, 2, 0, newRand(1))
	code(t, "no candidates", err, parameter)
	_, _, err = kmeans.Optimum(ctx, points, 21)
	code(t, "more clusters than points", err, parameter)
	_, _, err = kmeans.Optimum(ctx, nan, 2)
	code(t, "optimum of what is no number", err, parameter)
	_, err = kmeans.NewTracker(centers, kmeans.ConstantRate(2))
	code(t, "an unstable rate", err, parameter)
	_, err = kmeans.NewTracker(centers, kmeans.Power(0.5, 0, 1))
	code(t, "an offset of 0", err, parameter)
	_, err = kmeans.NewTracker(centers, kmeans.Rate{Kind: "cosine", Scale: 1})
	code(t, "an unknown rate", err, parameter)
	_, err = kmeans.Stationary(2, 1)
	code(t, "stationary at 2", err, parameter)
	code(t, "counts", learner(func(o *kmeans.Online[float64]) { o.Counts[0] = -1 }), parameter)
	code(t, "lost counts", learner(func(o *kmeans.Online[float64]) { o.Counts = nil }), shape)
	code(t, "patience", learner(func(o *kmeans.Online[float64]) { o.Patience = 1 }), parameter)
	code(t, "not tracking", learner(func(o *kmeans.Online[float64]) { o.Tracking = false }), parameter)
	code(t, "a foreign tail", learner(func(o *kmeans.Online[float64]) { o.Tail = &kmeans.Tail[float64]{} }), shape)
}

// What comes before an example that is not finite has been learnt.
func TestLearnStopsAtTheFirstBadExample(t *testing.T) {
	for _, k := range []int{3, 40} { // one by one, and by scores
		points := random[float32](newRand(1), 200, 130, 0, false)
		o, err := kmeans.NewOnline(kmeans.Rows(points, newRand(2).Perm(100)[:k]), kmeans.InverseCount())
		if err != nil {
			t.Fatal(err)
		}
		points.Row(150)[7] = float32(math.Inf(1))
		code(t, "an infinite coordinate", o.Learn(context.Background(), points, nil), "invalid_parameter")
		if o.Steps != 150 {
			t.Errorf("%d examples learnt, want 150", o.Steps)
		}
	}
}

func TestContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	points := random[float64](newRand(1), 100, 20, 0, false)
	centers := kmeans.Rows(points, newRand(2).Perm(100)[:20])
	o, err := kmeans.NewOnline(centers, kmeans.InverseCount())
	if err != nil {
		t.Fatal(err)
	}
	_, assign := kmeans.Assign(ctx, points, centers)
	_, lloyd := kmeans.Lloyd(ctx, points, kmeans.Rows(centers, []int{0}), kmeans.Config{MaxUpdates: 1})
	_, _, plus := kmeans.PlusPlus(ctx, points, []float64{0.5})
	for _, err := range []error{assign, lloyd, plus, o.Learn(ctx, points, nil), o.LearnBatch(ctx, points, nil)} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want %v", err, context.Canceled)
		}
	}
}

// A learner that is saved as JSON half-way and restored ends in the same bits.
func TestStateComesBack(t *testing.T) {
	points := random[float32](newRand(5), 400, 9, 0, false)
	start := kmeans.Rows(points, newRand(6).Perm(400)[:20])
	straight, err := kmeans.NewOnline(start, kmeans.CountPower(0.8))
	if err != nil {
		t.Fatal(err)
	}
	straight.Patience, straight.Tail, straight.Watch = 100, kmeans.NewTail(straight, 50), kmeans.NewWatch(straight, 60)
	data, err := json.Marshal(straight)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < 400; at += 80 {
		if err := straight.Learn(context.Background(), points.Rows(at, at+80), nil); err != nil {
			t.Fatal(err)
		}
		restored := &kmeans.Online[float32]{}
		if err := json.Unmarshal(data, restored); err != nil {
			t.Fatal(err)
		}
		if err := restored.Validate(); err != nil {
			t.Fatal(err)
		}
		if err := restored.Learn(context.Background(), points.Rows(at, at+80), nil); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(straight, restored, cmpopts.IgnoreUnexported(kmeans.Online[float32]{}), cmpopts.IgnoreFields(kmeans.Online[float32]{}, "Cost")); diff != "" {
			t.Fatal(diff)
		}
		if data, err = json.Marshal(restored); err != nil {
			t.Fatal(err)
		}
	}
}

// A constant rate leaves the variance that is predicted; averaging the tail of a
// falling one takes most of it away.
func TestVarianceOfTracking(t *testing.T) {
	const n, steps = 3, 40000
	rng := newRand(8)
	points := tensor.New[float64](steps, n)
	for i := range points.Data {
		points.Data[i] = rng.NormFloat64()
	}
	start := tensor.New[float64](1, n)
	for _, alpha := range []float64{0.02, 0.2, 1, 1.5} {
		o, err := kmeans.NewTracker(start, kmeans.ConstantRate(alpha))
		if err != nil {
			t.Fatal(err)
		}
		o.Watch = kmeans.NewWatch(o, 1000)
		if err := o.Learn(context.Background(), points, nil); err != nil {
			t.Fatal(err)
		}
		predicted, measured, err := o.Watch.Variances(0, alpha)
		if err != nil {
			t.Fatal(err)
		}
		exact, err := kmeans.Stationary(alpha, n)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(predicted/exact-1) > 0.03 || math.Abs(measured/predicted-1) > 0.12 {
			t.Errorf("rate %v: variance %v measured, %v predicted, %v exact", alpha, measured, predicted, exact)
		}
	}
	o, err := kmeans.NewOnline(start, kmeans.CountPower(0.6))
	if err != nil {
		t.Fatal(err)
	}
	o.Tail = kmeans.NewTail(o, steps/2)
	last, average := 0.0, 0.0
	for at := 0; at < steps; at += 1000 {
		if err := o.Learn(context.Background(), points.Rows(at, at+1000), nil); err != nil {
			t.Fatal(err)
		}
		if at >= 3*steps/4 {
			_, d, _ := kmeans.Nearest(make([]float64, n), o.Centers)
			_, a, _ := kmeans.Nearest(make([]float64, n), o.Tail.Centers)
			last, average = last+d, average+a
		}
	}
	if !(average < last/3) || o.Tail.Wins[0] != steps/2 {
		t.Errorf("squared error %v of the tail over %d wins, %v of the last positions", average, o.Tail.Wins[0], last)
	}
}

func TestPatience(t *testing.T) {
	points := random[float64](newRand(9), 500, 2, 0, false)
	start := kmeans.Rows(points, []int{0, 1, 2})
	copy(start.Row(1), []float64{1e9, 1e9})
	dead, err := kmeans.NewOnline(start, kmeans.InverseCount())
	if err != nil {
		t.Fatal(err)
	}
	patient, err := kmeans.NewOnline(start, kmeans.InverseCount())
	if err != nil {
		t.Fatal(err)
	}
	patient.Patience = 60
	labels := make([]int, 500)
	for _, o := range []*kmeans.Online[float64]{dead, patient} {
		if err := o.Learn(context.Background(), points, labels); err != nil {
			t.Fatal(err)
		}
	}
	if dead.Counts[1] != 0 || dead.Centers.Row(1)[0] != 1e9 {
		t.Errorf("a dead center has moved: %v", dead.Centers.Row(1))
	}
	if at := slices.Index(labels, 1); at != 60 || patient.Counts[1] < 10 {
		t.Errorf("the center out of patience won first at %d, %d in all; want 60, and more", at, patient.Counts[1])
	}
}

func TestOneExampleAllocatesNothing(t *testing.T) {
	points := random[float32](newRand(9), 100, 40, 0, false)
	o, err := kmeans.NewOnline(kmeans.Rows(points, []int{0, 1, 2, 3, 4}), kmeans.InverseCount())
	if err != nil {
		t.Fatal(err)
	}
	one, ctx := points.Rows(50, 51), context.Background()
	if n := testing.AllocsPerRun(100, func() {
		if err := o.Learn(ctx, one, nil); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
