package moments_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/moments"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// TestSchemeNamed holds that every name draws what the function of its name
// does, from the same numbers.
func TestSchemeNamed(t *testing.T) {
	x := normal(8, 64, 1, 6, 6)
	in, err := moments.Of(x)
	if err != nil {
		t.Fatal(err)
	}
	model := func() chain {
		rng := newRand()
		return chain{nn.Flatten[float32]{}, nn.NewLinear[float32](36, 40, rng), nn.GELU[float32]{}, nn.NewLinear[float32](40, 40, rng)}
	}
	want := map[string]moments.Scheme[float32]{
		"default": nil, "xavier": moments.Xavier[float32](), "he": moments.He[float32](), "lecun": moments.LeCun[float32](),
		"lecun:1.5": moments.Fan[float32](moments.FanIn, 1.5, false), "orthogonal:2": moments.Orthogonal[float32](2),
		"orthogonal": moments.Orthogonal[float32](1), "delta-orthogonal": moments.DeltaOrthogonal[float32](1),
		"lsuv": moments.LSUV(x), "preserve": moments.Preserve[float32](in), "preserve-fixed": moments.PreserveFixed[float32](in),
	}
	for _, name := range moments.SchemeNames() {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: not tested", name)
		}
	}
	for name, scheme := range want {
		named, err := moments.SchemeNamed(name, func() (*tensor.Tensor[float32], error) { return x, nil })
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, expected := model(), model()
		initialize(t, got, named)
		if scheme != nil {
			initialize(t, expected, scheme)
		}
		for i, l := range got {
			if l, ok := l.(*nn.Linear[float32]); ok {
				other := expected[i].(*nn.Linear[float32])
				if !slices.Equal(l.Weight.Value.Data, other.Weight.Value.Data) || !slices.Equal(l.Bias.Value.Data, other.Bias.Value.Data) {
					t.Errorf("%s: layer %d differs from what the function draws", name, i)
				}
			}
		}
	}
	for _, bad := range []string{"", "kaiming", "he:", "he:0", "he:-1", "he:NaN", "he:1e99", "preserve:2", "default:1"} {
		if _, err := moments.SchemeNamed[float32](bad, nil); err == nil || !strings.Contains(err.Error(), "want") && !strings.Contains(err.Error(), "no factor") {
			t.Errorf("%q: got %v", bad, err)
		}
	}
	broken := errors.New("no data")
	for _, name := range []string{"lsuv", "preserve"} {
		scheme, err := moments.SchemeNamed(name, func() (*tensor.Tensor[float32], error) { return nil, broken })
		if err != nil {
			t.Fatal(err)
		}
		if err := scheme(model(), newRand()); !errors.Is(err, broken) {
			t.Errorf("%s without data: got %v", name, err)
		}
	}
}

// TestHistogram holds that every value is counted once, and a normal variable
// found normal.
func TestHistogram(t *testing.T) {
	x := normal(7, 2000, 20)
	table, err := moments.Measure(chain{nn.Flatten[float32]{}}, x, moments.Evaluating, newRand())
	if err != nil {
		t.Fatal(err)
	}
	h := table.Rows[0].Measured.Histogram
	n := h.Below + h.Above
	for _, c := range h.Counts {
		n += c
	}
	if n != len(x.Data) {
		t.Errorf("%d values counted, want %d", n, len(x.Data))
	}
	at, density, normal := h.Density()
	for i := range at {
		if math.Abs(density[i]-normal[i]) > 0.02 {
			t.Errorf("at %v deviations: density %v, want %v", at[i], density[i], normal[i])
		}
	}
	same := tensor.New[float32](4, 3)
	table, err = moments.Measure(chain{nn.Flatten[float32]{}}, same, moments.Evaluating, newRand())
	if err != nil {
		t.Fatal(err)
	}
	if table.Rows[0].Measured.Histogram != nil {
		t.Error("values that do not vary have a histogram")
	}
}
