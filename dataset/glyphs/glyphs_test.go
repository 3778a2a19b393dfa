package glyphs_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-ml/gradus/dataset/glyphs"
	"github.com/gradus-ml/gradus/tensor"
)

func generator(t testing.TB, change func(*glyphs.Options)) *glyphs.Generator {
	t.Helper()
	o := glyphs.Default()
	change(&o)
	g, err := glyphs.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestExampleIsAFunctionOfItsIndex(t *testing.T) {
	g := generator(t, func(*glyphs.Options) {})
	want := make([][]float32, 20)
	labels := make([]int, 20)
	for i := range want {
		want[i] = make([]float32, g.Len())
		labels[i] = g.Example(i, want[i])
	}
	var wait sync.WaitGroup
	for i := len(want) - 1; i >= 0; i-- { // in another order, all at once
		wait.Go(func() {
			x := make([]float32, g.Len())
			if label := g.Example(i, x); label != labels[i] || g.Label(i) != label || !cmp.Equal(x, want[i]) {
				t.Errorf("example %d is not the same again", i)
			}
		})
	}
	wait.Wait()
	other := generator(t, func(o *glyphs.Options) { o.Seed++ })
	x := make([]float32, g.Len())
	other.Example(0, x)
	if cmp.Equal(x, want[0]) {
		t.Error("another seed draws the same")
	}
}

// The frequencies of n draws lie within five standard deviations of p*(y).
func TestPriors(t *testing.T) {
	g := generator(t, func(o *glyphs.Options) { o.Classes = "abc" })
	for _, priors := range [][]float64{nil, {0.2, 0, 0.8}, {0, 1, 0}, {0.6, 0.3, 0.1}} {
		shifted, err := g.With(priors, 9)
		if err != nil {
			t.Fatal(err)
		}
		const n = 20000
		var counts [3]float64
		for i := range n {
			counts[shifted.Label(i)]++
		}
		for k, count := range counts {
			p := 1.0 / 3
			if priors != nil {
				p = priors[k]
			}
			if math.Abs(count-n*p) > 5*math.Sqrt(n*p*(1-p)) {
				t.Errorf("priors %v: class %d came %v times of %d", priors, k, count, n)
			}
		}
	}
	if _, err := g.With([]float64{1}, 1); err == nil {
		t.Error("took one prior for three classes")
	}
}

// Without distortion a character stands in the middle, 20 of 28 pixels high,
// bright inside and dark outside.
func TestPlainDigits(t *testing.T) {
	g := generator(t, func(o *glyphs.Options) { *o = glyphs.Options{Size: 28, Classes: o.Classes} })
	rng := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, g.Len())
	for class := range 10 {
		for range 20 { // many fonts
			g.Draw(rng, class, x)
			top, bottom, most := 28, 0, float32(0)
			for i, v := range x {
				if v > 0.5 {
					top, bottom = min(top, i/28), max(bottom, i/28)
				}
				most = max(most, v)
			}
			if most != 1 || bottom-top < 18 || bottom-top > 21 || top+bottom < 25 || top+bottom > 29 {
				t.Errorf("%d: rows %d to %d, brightest %v", class, top, bottom, most)
			}
		}
	}
}

func TestValuesAndSizes(t *testing.T) {
	for _, size := range []int{8, 33, 64} {
		g := generator(t, func(o *glyphs.Options) { o.Size, o.Noise = size, 0.3 })
		x := make([]float32, g.Len())
		for i := range 50 {
			g.Example(i, x)
			ink := 0.0
			for _, v := range x {
				if !(v >= 0 && v <= 1) {
					t.Fatalf("size %d, example %d: value %v", size, i, v)
				}
				ink += float64(v)
			}
			if mean := ink / float64(len(x)); mean < 0.05 || mean > 0.7 {
				t.Errorf("size %d, example %d: mean %v", size, i, mean)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	for want, change := range map[string]func(*glyphs.Options){
		"size 7":            func(o *glyphs.Options) { o.Size = 7 },
		"no classes":        func(o *glyphs.Options) { o.Classes = "" },
		"named twice":       func(o *glyphs.Options) { o.Classes = "aba" },
		"'の'":               func(o *glyphs.Options) { o.Classes = "aの" },
		"' '":               func(o *glyphs.Options) { o.Classes = "a " },
		"priors for":        func(o *glyphs.Options) { o.Priors = []float64{1} },
		"sum to":            func(o *glyphs.Options) { o.Classes, o.Priors = "ab", []float64{0.5, 0.4} },
		"prior NaN":         func(o *glyphs.Options) { o.Classes, o.Priors = "ab", []float64{math.NaN(), 1} },
		"noise -1":          func(o *glyphs.Options) { o.Noise = -1 },
		"elastic NaN":       func(o *glyphs.Options) { o.Elastic = math.NaN() },
		"fade 1: want 0 to": func(o *glyphs.Options) { o.Fade = 1 },
	} {
		o := glyphs.Default()
		change(&o)
		if _, err := glyphs.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v: want %q", err, want)
		}
	}
	defer func() {
		if _, ok := recover().(*tensor.ShapeError); !ok {
			t.Error("no ShapeError for a picture that does not fit")
		}
	}()
	generator(t, func(*glyphs.Options) {}).Example(0, make([]float32, 5))
}

func TestExampleAllocatesNothing(t *testing.T) {
	g := generator(t, func(*glyphs.Options) {})
	x := make([]float32, g.Len())
	if n := testing.AllocsPerRun(50, func() { g.Example(3, x) }); n > 0.1 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkExample(b *testing.B) {
	g := generator(b, func(*glyphs.Options) {})
	x := make([]float32, g.Len())
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		g.Example(i, x)
	}
}
