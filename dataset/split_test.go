package dataset_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/tensor"
)

func indices(t testing.TB, s dataset.Source) []int {
	t.Helper()
	var all []int
	x := make([]float32, s.Info().Size())
	for i := range s.Len() {
		if _, err := s.Read(i, x); err != nil {
			t.Fatal(err)
		}
		all = append(all, int(x[0]))
	}
	return all
}

func TestHoldOut(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n, classes := rapid.IntRange(2, 60).Draw(rt, "n"), rapid.IntRange(1, 4).Draw(rt, "classes")
		fraction := rapid.Float64Range(0.01, 0.99).Draw(rt, "fraction")
		seed := rapid.Uint64().Draw(rt, "seed")
		source := numbers(t, n, classes)
		size := int(math.Round(fraction * float64(n)))
		rest, held, err := dataset.HoldOut(source, fraction, seed)
		if size == 0 || size == n {
			if err == nil {
				rt.Fatal("held out nothing, or everything")
			}
			return
		}
		if err != nil {
			rt.Fatal(err)
		}
		a, b := indices(t, rest), indices(t, held)
		if len(b) != size || !slices.IsSorted(a) || !slices.IsSorted(b) {
			rt.Fatalf("rest %v, held %v: want %d held, both in order", a, b, size)
		}
		both := slices.Sorted(slices.Values(append(slices.Clone(a), b...)))
		for i, v := range both {
			if i != v {
				rt.Fatalf("rest and held together are %v", both)
			}
		}
		for class := range classes {
			of := func(list []int) (count float64) {
				for _, i := range list {
					if i%classes == class {
						count++
					}
				}
				return count
			}
			if want := fraction * of(both); math.Abs(of(b)-want) > 1 {
				rt.Fatalf("class %d: held %v of %v: want %v", class, of(b), of(both), want)
			}
		}
		_, again, err := dataset.HoldOut(source, fraction, seed)
		if err != nil || !slices.Equal(b, indices(t, again)) {
			rt.Fatalf("again: %v, %v", indices(t, again), err)
		}
	})
	for _, fraction := range []float64{0, 1, -1, math.NaN(), math.Inf(1)} {
		if _, _, err := dataset.HoldOut(numbers(t, 10, 2), fraction, 1); err == nil {
			t.Errorf("held out a fraction %v", fraction)
		}
	}
}

func TestSubsets(t *testing.T) {
	source := numbers(t, 10, 3)
	s := dataset.Subset(source, []int{7, 2, 7})
	if diff := cmp.Diff([]int{7, 2, 7}, indices(t, s)); diff != "" {
		t.Error(diff)
	}
	labels, err := dataset.Labels(dataset.Subset(s, []int{1, 0}))
	if diff := cmp.Diff([]int{2, 1}, labels); diff != "" || err != nil {
		t.Error(diff, err)
	}
	// A source that does not know labels without reading.
	labels, err = dataset.Labels(dataset.Subset(faulty{Source: source, at: -1}, []int{5}))
	if diff := cmp.Diff([]int{2}, labels); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for n, want := range map[int]int{-1: 0, 0: 0, 4: 4, 99: 10} {
		if got := dataset.First(source, n).Len(); got != want {
			t.Errorf("first %d: got %d: want %d", n, got, want)
		}
	}
}

func TestMemoryRefuses(t *testing.T) {
	x := tensor.New[float32](2, 3)
	for name, test := range map[string]struct {
		x       *tensor.Tensor[float32]
		labels  []int
		classes []string
	}{
		"no features":    {tensor.New[float32](2), nil, nil},
		"no classes":     {x, []int{0, 0}, nil},
		"too few labels": {x, []int{0}, []string{"a"}},
		"no such class":  {x, []int{0, 1}, []string{"a"}},
	} {
		if _, err := dataset.NewMemory("x", test.x, test.labels, test.classes); err == nil {
			t.Errorf("%s passed", name)
		}
	}
	m, err := dataset.NewMemory("x", x, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if label, err := m.Read(1, make([]float32, 3)); label != -1 || err != nil {
		t.Errorf("without labels: got %d, %v", label, err)
	}
	defer func() {
		if _, ok := recover().(*tensor.ShapeError); !ok {
			t.Error("no ShapeError for an example that does not fit")
		}
	}()
	m.Read(0, make([]float32, 2))
}

func TestParseSplit(t *testing.T) {
	for _, s := range []dataset.Split{dataset.Train, dataset.Test} {
		if got, err := dataset.ParseSplit(s.String()); got != s || err != nil {
			t.Errorf("%v: got %v, %v", s, got, err)
		}
	}
	if _, err := dataset.ParseSplit("valid"); err == nil {
		t.Error("parsed valid")
	}
}
