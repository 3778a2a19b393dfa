package dataset_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/tensor"
)

// numbers is a source of n examples of shape [1 4 4]; example i holds i
// everywhere and has label i mod classes.
func numbers(t testing.TB, n, classes int) *dataset.Memory {
	t.Helper()
	x := tensor.New[float32](n, 1, 4, 4)
	labels, names := make([]int, n), make([]string, classes)
	for i := range labels {
		for k := range 16 {
			x.Row(i)[k] = float32(i)
		}
		labels[i] = i % classes
	}
	for k := range names {
		names[k] = fmt.Sprint(k)
	}
	m, err := dataset.NewMemory("numbers", x, labels, names)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// epoch reads all batches and returns copies.
func epoch(t testing.TB, l dataset.Loader, number, from int) []dataset.Batch {
	t.Helper()
	var all []dataset.Batch
	for b, err := range l.Batches(context.Background(), number, from) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, dataset.Batch{X: b.X.Clone(), Labels: slices.Clone(b.Labels), Indices: slices.Clone(b.Indices)})
	}
	return all
}

func TestEachExampleOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n, size := rapid.IntRange(1, 40).Draw(rt, "n"), rapid.IntRange(1, 45).Draw(rt, "size")
		l := dataset.Loader{Source: numbers(t, n, 3), BatchSize: size, Seed: rapid.Uint64().Draw(rt, "seed"),
			Shuffle: rapid.Bool().Draw(rt, "shuffle"), DropLast: size <= n && rapid.Bool().Draw(rt, "drop")}
		seen := map[int]bool{}
		batches := epoch(t, l, rapid.IntRange(0, 5).Draw(rt, "epoch"), 0)
		for _, b := range batches {
			if !slices.Equal(b.X.Shape, []int{len(b.Labels), 1, 4, 4}) || len(b.Indices) != len(b.Labels) {
				rt.Fatalf("batch of %v with %d labels", b.X.Shape, len(b.Labels))
			}
			for k, i := range b.Indices {
				if seen[i] || b.Labels[k] != i%3 || b.X.Row(k)[15] != float32(i) {
					rt.Fatalf("example %d: label %d, features %v", i, b.Labels[k], b.X.Row(k))
				}
				seen[i] = true
			}
		}
		want := n
		if l.DropLast {
			want = n / size * size
		}
		if len(seen) != want || len(batches) != l.Len() {
			rt.Fatalf("%d examples in %d batches: want %d in %d", len(seen), len(batches), want, l.Len())
		}
	})
}

func TestOrderIsAFunctionOfSeedAndEpoch(t *testing.T) {
	l := dataset.Loader{Source: numbers(t, 8, 2), BatchSize: 3, Shuffle: true, Seed: 42}
	// These are written down so that a change of the order, which breaks every
	// resumed run, is noticed.
	if diff := cmp.Diff([][]int{{1, 0, 4, 2, 6, 7, 3, 5}, {3, 5, 2, 6, 1, 4, 7, 0}}, [][]int{l.Order(0), l.Order(1)}); diff != "" {
		t.Error(diff)
	}
	all, rest := epoch(t, l, 1, 0), epoch(t, l, 1, 2)
	if diff := cmp.Diff(all[2:], rest); diff != "" {
		t.Errorf("begun at batch 2: %s", diff)
	}
	if got := epoch(t, l, 0, 99); len(got) != 0 {
		t.Errorf("%d batches after the last", len(got))
	}
}

func TestSameBitsOnAnyNumberOfProcessors(t *testing.T) {
	l := dataset.Loader{Source: numbers(t, 50, 5), BatchSize: 7, Shuffle: true, Seed: 7,
		Augment: dataset.Distort{Shift: 1, Rotate: 20, Scale: 0.2, Shear: 0.1, Elastic: 0.5, Brightness: 0.2, Noise: 0.1}}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := epoch(t, l, 3, 0)
	for _, procs := range []int{2, 5} {
		runtime.GOMAXPROCS(procs)
		if diff := cmp.Diff(want, epoch(t, l, 3, 0)); diff != "" {
			t.Errorf("%d processors: %s", procs, diff)
		}
	}
	if cmp.Equal(want[0].X, epoch(t, l, 4, 0)[0].X) {
		t.Error("two epochs are distorted alike")
	}
}

// settle waits for goroutines to end and fails the test if more are left than
// there were.
func settle(t *testing.T, before int) {
	t.Helper()
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%d goroutines: want %d", runtime.NumGoroutine(), before)
}

func TestNoGoroutineIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	l := dataset.Loader{Source: numbers(t, 100, 2), BatchSize: 2}
	for range l.Batches(context.Background(), 0, 0) {
		break
	}
	settle(t, before)

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var last error
	count := 0
	for _, err := range l.Batches(ctx, 0, 0) {
		last = err
		if count++; count == 3 {
			cancel()
		}
	}
	if !errors.Is(last, context.Canceled) || count != 4 {
		t.Errorf("ended with %v after %d", last, count)
	}
	settle(t, before)
}

// faulty fails at one example, or gives it a label that is no class.
type faulty struct {
	dataset.Source
	at    int
	label int
	err   error
}

func (f faulty) Read(i int, x []float32) (int, error) {
	if i == f.at {
		return f.label, f.err
	}
	return f.Source.Read(i, x)
}

func TestErrorsCarryTheExample(t *testing.T) {
	torn := errors.New("torn page")
	for _, test := range []struct {
		source faulty
		want   string
	}{
		{faulty{numbers(t, 30, 3), 17, 0, torn}, "numbers: example 17: torn page"},
		{faulty{numbers(t, 30, 3), 17, 3, nil}, "numbers: example 17: label 3: want one of 3 classes, 0 to 2"},
		{faulty{numbers(t, 30, 3), 17, -1, nil}, "numbers: example 17: label -1: want one of 3 classes, 0 to 2"},
	} {
		l := dataset.Loader{Source: test.source, BatchSize: 4}
		good := 0
		var last error
		for b, err := range l.Batches(context.Background(), 0, 0) {
			if last = err; err == nil {
				good += len(b.Labels)
			}
		}
		var e *dataset.ExampleError
		if !errors.As(last, &e) || e.Index != 17 || last.Error() != test.want || good != 16 {
			t.Errorf("got %v after %d examples: want %s after 16", last, good, test.want)
		}
		if _, err := dataset.Labels(test.source); err == nil || err.Error() != test.want {
			t.Errorf("labels: got %v", err)
		}
		if _, err := dataset.Describe(context.Background(), test.source); err == nil || err.Error() != test.want {
			t.Errorf("describe: got %v", err)
		}
	}
}

func TestBatchLargerThanTheSource(t *testing.T) {
	m, err := dataset.NewMemory("m", tensor.New[float32](3, 1), []int{0, 0, 0}, []string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	l := dataset.Loader{Source: m, BatchSize: math.MaxInt}
	for batch, err := range l.Batches(t.Context(), 0, 0) {
		if err != nil || len(batch.Labels) != 3 {
			t.Fatalf("got %v: want one batch of 3", err)
		}
	}
	if got := l.Len(); got != 1 {
		t.Errorf("%d batches: want 1", got)
	}
}

func TestLoaderRefuses(t *testing.T) {
	flat, err := dataset.NewMemory("flat", tensor.New[float32](3, 2), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for want, l := range map[string]dataset.Loader{
		"no source":           {BatchSize: 1},
		"batch size 0":        {Source: flat},
		"at least one batch":  {Source: flat, BatchSize: 4, DropLast: true},
		"want pictures":       {Source: flat, BatchSize: 1, Augment: dataset.Distort{}},
		"amounts of at least": {Source: numbers(t, 3, 1), BatchSize: 1, Augment: dataset.Distort{Noise: -1}},
	} {
		count := 0
		for _, err := range l.Batches(context.Background(), 0, 0) {
			if count++; err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v: want %q", err, want)
			}
		}
		if count != 1 {
			t.Errorf("%s: %d iterations", want, count)
		}
	}
}

func TestBatchesAllocateNothing(t *testing.T) {
	perEpoch := func(n int) float64 {
		l := dataset.Loader{Source: numbers(t, n, 2), BatchSize: 4, Shuffle: true, Augment: dataset.Distort{Shift: 1, Elastic: 1, Noise: 0.1}}
		return testing.AllocsPerRun(5, func() {
			for _, err := range l.Batches(context.Background(), 0, 0) {
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	if few, many := perEpoch(40), perEpoch(400); many > few+5 {
		t.Errorf("%v allocations for 10 batches, %v for 100: want as many", few, many)
	}
}

func BenchmarkLoader(b *testing.B) {
	x := tensor.New[float32](4096, 1, 28, 28)
	tensor.Uniform(x, rand.New(rand.NewPCG(1, 2)), 0, 1)
	m, err := dataset.NewMemory("noise", x, make([]int, 4096), []string{"all"})
	if err != nil {
		b.Fatal(err)
	}
	for name, augment := range map[string]dataset.Augment{"plain": nil, "distort": dataset.Distort{Shift: 2, Rotate: 10, Elastic: 1, Noise: 0.05}} {
		b.Run(name, func(b *testing.B) {
			l := dataset.Loader{Source: m, BatchSize: 128, Shuffle: true, Augment: augment}
			b.ReportAllocs()
			for b.Loop() {
				for _, err := range l.Batches(context.Background(), 0, 0) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/4096, "ns/example")
		})
	}
}
