package moments_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/gradus-ml/gradus/moments"
	"pgregory.net/rapid"
)

func ExampleGain() {
	g, _ := moments.Gain(moments.Tanh())
	points, _, _ := moments.FixedPoints(moments.Tanh(), 5./3)
	fmt.Printf("%.4f %.4f %.4f\n", g.Forward, g.Backward, g.Conventional)
	fmt.Printf("%.4f %v\n", points[0].Variance, points[0].Stable)
	// Output:
	// 1.5925 1.4674 1.6667
	// 1.1785 true
}

func functions() []moments.Function {
	return []moments.Function{
		moments.Identity(), moments.ReLU(), moments.LeakyReLU(0.2), moments.Tanh(), moments.Sigmoid(),
		moments.Softplus(), moments.SiLU(), moments.GELU(), moments.GELUTanh(),
	}
}

func near(got, want, relative, absolute float64) bool {
	return math.Abs(got-want) <= relative*math.Abs(want)+absolute
}

func TestSlopesAreDerivatives(t *testing.T) {
	for _, f := range functions() {
		for x := -6.; x < 6; x += 0.37 {
			plain := moments.Function{Value: f.Value}
			m, err := moments.GaussianThrough(plain, x, 0)
			if want := f.Slope(x); err != nil || !near(m.SlopeMean, want, 1e-8, 1e-9) {
				t.Errorf("%s at %v: slope %v, differences give %v", f.Name, x, want, m.SlopeMean)
			}
		}
	}
}

// TestClosedFormsAgainstQuadrature holds the closed forms of the leaky
// rectifiers against the integration that any Go function gets.
func TestClosedFormsAgainstQuadrature(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := moments.LeakyReLU(rapid.Float64Range(-0.5, 1.5).Draw(t, "slope"))
		mean := rapid.Float64Range(-3, 3).Draw(t, "mean")
		variance := math.Exp(rapid.Float64Range(-5, 5).Draw(t, "log variance"))
		got, _ := moments.GaussianThrough(f, mean, variance)
		want, _ := moments.GaussianThrough(moments.Function{Value: f.Value, Slope: f.Slope}, mean, variance)
		for i, pair := range [][2]float64{
			{got.Mean, want.Mean}, {got.SecondMoment, want.SecondMoment}, {got.Variance, want.Variance},
			{got.SlopeMean, want.SlopeMean}, {got.SlopeSecondMoment, want.SlopeSecondMoment},
		} {
			if !near(pair[0], pair[1], 1e-10, 1e-12*(1+mean*mean+variance)) {
				t.Fatalf("moment %d of slope under mean %v, variance %v: got %v, want %v", i, mean, variance, pair[0], pair[1])
			}
		}
	})
}

func TestFarTails(t *testing.T) {
	relu := func(mean, variance float64) moments.FunctionMoments {
		m, err := moments.GaussianThrough(moments.ReLU(), mean, variance)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	// With 50 digits: E relu(z), E relu(z)² for z ~ N(−20, 1), and V relu(z) for z ~ N(1e8, 1).
	if m := relu(-20, 1); !near(m.Mean, 1.3700124947295872e-90, 1e-12, 0) || m.Variance <= 0 || m.Variance >= m.Mean {
		t.Errorf("mean −20: got %+v", m)
	}
	if m := relu(1e8, 1); m.Variance != 1 || m.Mean != 1e8 {
		t.Errorf("mean 1e8: got %+v", m)
	}
	// A step function's variance is p·(1−p), whatever the width it is seen at.
	step := moments.Function{Value: func(x float64) float64 {
		if x > 1.2345 {
			return 1
		}
		return 0
	}, Slope: func(float64) float64 { return 0 }}
	for _, s := range []float64{0.1, 1, 100, 1e6} {
		p := math.Erfc(1.2345/s/math.Sqrt2) / 2
		if m, _ := moments.GaussianThrough(step, 0, s*s); !near(m.Mean, p, 1e-9, 1e-12) || !near(m.Variance, p*(1-p), 1e-9, 1e-12) {
			t.Errorf("a step at deviation %v: got %+v, want the mean %v", s, m, p)
		}
	}
	// tanh seen from far is a sign: V = 1 − E(1 − tanh²) = 1 − 2/(s·√(2π)) + O(s^−3).
	const s = 1e5
	if m, _ := moments.GaussianThrough(moments.Tanh(), 0, s*s); !near(m.Variance, 1-2/(s*math.Sqrt(2*math.Pi)), 1e-13, 0) {
		t.Errorf("tanh at deviation %v: variance %.17g", s, m.Variance)
	}
}

func TestGainsAndFixedPoints(t *testing.T) {
	for _, f := range functions() {
		g, err := moments.Gain(f)
		if err != nil {
			t.Fatal(err)
		}
		points, every, err := moments.FixedPoints(f, g.Forward)
		if err != nil {
			t.Fatal(err)
		}
		one := every
		for _, p := range points {
			one = one || near(p.Variance, 1, 1e-9, 0)
		}
		if !one {
			t.Errorf("%s with its own gain %v: fixed points %v, want 1 among them", f.Name, g.Forward, points)
		}
	}
	if points, every, _ := moments.FixedPoints(moments.Tanh(), 0.9); len(points) != 0 || every {
		t.Errorf("tanh with gain 0.9 vanishes: got %v, %v", points, every)
	}
	if points, _, _ := moments.FixedPoints(moments.GELU(), math.Sqrt2); len(points) != 0 {
		t.Errorf("gelu with gain √2 vanishes: got %v", points)
	}
}

func TestPlainFormulasRefuse(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, err := range map[string]error{
		"variance":   second(moments.GaussianThrough(moments.ReLU(), 0, -1)),
		"mean":       second(moments.GaussianThrough(moments.ReLU(), nan, 1)),
		"no value":   second(moments.GaussianThrough(moments.Function{}, 0, 1)),
		"kurtosis":   second(moments.LinearKurtosisIID(0, 3, 3)),
		"kurtosis 2": second(moments.LinearKurtosisIID(2, 0.5, 3)),
		"groups":     second(moments.Fans(4, 6, nil, 4, nil)),
		"stride":     second(moments.Fans(4, 6, []int{3}, 1, nil)),
		"mode":       second(moments.InitStd("fan", 3, 3, 1)),
		"gain":       second(moments.InitStd(moments.FanIn, 3, 3, inf)),
		"map":        second(moments.ConvVarianceMap([][]float64{{1, 2}}, 0, 1, 1, 0, 1, 0)),
		"map rows":   second(moments.ConvVarianceMap([][]float64{{1, 2}, {1}}, 1, 1, 1, 0, 1, 0)),
		"map size":   second(moments.ConvVarianceMap([][]float64{{1}}, 1<<23, 1, 1, 1<<23, 1, 0)),
		"backward":   second(moments.BackwardVariance(-1, nil)),
		"name":       second(moments.FunctionNamed("swish", 0)),
	} {
		if err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	if v, err := moments.ConvVarianceMap([][]float64{{1, 2}}, 3, 1, 1, 0, 1, 0); err != nil || len(v) != 0 {
		t.Errorf("a kernel longer than the input: got %v, %v, want no outputs", v, err)
	}
	if _, _, err := moments.LinearMoments([]float64{1}, [][]float64{{1}}, []float64{1}, [][]float64{{1, 2}}, 0, 0); err == nil {
		t.Error("covariances of another size: got no error")
	}
	if _, _, err := moments.EmpiricalLinear([][]float64{{1}}, []float64{0}, nil); err == nil {
		t.Error("no data: got no error")
	}
}

func second[T any](_ T, err error) error { return err }
