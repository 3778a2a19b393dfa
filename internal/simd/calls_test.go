package simd

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// call is an exported loop: what it does to three slices of one length.
type call[F Float] struct {
	name string
	do   func(dst, a, b []F)
}

func calls[F Float]() []call[F] {
	out := []call[F]{
		{"Add", Add[F]}, {"Sub", Sub[F]}, {"Mul", Mul[F]}, {"Div", Div[F]}, {"AddMul", AddMul[F]},
		{"AddScaled", func(dst, a, _ []F) { AddScaled(dst, a, 0.3) }},
		{"Scale", func(dst, a, _ []F) { Scale(dst, a, 0.3) }},
		{"Standardise", func(dst, a, _ []F) { Standardise(dst, a, 0.3, 2, 1) }},
		{"Clamp", func(dst, a, _ []F) { Clamp(dst, a, -1, 1) }},
		{"LeakyReLU", func(dst, a, _ []F) { LeakyReLU(dst, a, 0.1) }},
		{"EMA", func(dst, a, _ []F) { EMA(dst, a, 0.1) }},
		{"HeavyBall", func(dst, a, _ []F) { HeavyBall(dst, a, 0.9) }},
		{"AdamMoments", func(dst, a, b []F) { AdamMoments(dst, a, b, 0.9, 0.999) }},
		{"ShrinkStep", func(dst, a, _ []F) { ShrinkStep(dst, a, 0.1, 0.9) }},
		{"DiagonalStep", func(dst, a, b []F) { DiagonalStep(dst, a, b, 0.1, 1.1, 1e-8) }},
		{"SignStep", func(dst, a, b []F) { SignStep(dst, a, b, 0.3, -1, 1) }},
		{"EMAStep", func(dst, a, b []F) { EMAStep(dst, a, b, 0.1, 0.01, 0.9) }},
		{"HeavyBallStep", func(dst, a, b []F) { HeavyBallStep(dst, a, b, 0.9, 0.01, 0.9) }},
		{"ScaleNext", func(dst, a, _ []F) { ScaleNext(dst, a, a, 0.3) }},
		{"ScaleStream", func(dst, a, _ []F) { ScaleStream(dst, a, a, 0.3) }},
		{"MirrorSigmoidStream", func(dst, a, b []F) { MirrorSigmoidStream(dst, a, b, 0.1) }},
		{"MirrorSigmoid", func(dst, a, b []F) { MirrorSigmoid(dst, a, b, 0.1) }},
	}
	for name, f := range map[string]func(dst, x []F){
		"Abs": Abs[F], "Sqrt": Sqrt[F], "ReLU": ReLU[F], "Exp": Exp[F], "Log": Log[F], "Tanh": Tanh[F], "Sigmoid": Sigmoid[F],
		"Softplus": Softplus[F], "SiLU": SiLU[F], "GELU": GELU[F], "GELUTanh": GELUTanh[F],
	} {
		out = append(out, call[F]{name, func(dst, a, _ []F) { f(dst, a) }})
	}
	for name, f := range map[string]func(dx, x, dy []F, add bool){
		"ReLUPull": ReLUPull[F], "TanhPull": TanhPull[F], "SigmoidPull": SigmoidPull[F], "SoftplusPull": SoftplusPull[F],
		"SiLUPull": SiLUPull[F], "GELUPull": GELUPull[F], "GELUTanhPull": GELUTanhPull[F],
		"LeakyReLUPull": func(dx, x, dy []F, add bool) { LeakyReLUPull(dx, x, dy, 0.1, add) },
	} {
		out = append(out, call[F]{name, func(dst, a, b []F) { f(dst, a, b, false) }}, call[F]{name + " adding", func(dst, a, b []F) { f(dst, a, b, true) }})
	}
	return out
}

// equalBits compares slices, any NaN being equal to any other.
func equalBits[F Float](a, b []F) bool {
	return slices.EqualFunc(a, b, func(x, y F) bool {
		return x == y && math.Signbit(float64(x)) == math.Signbit(float64(y)) || x != x && y != y
	})
}

// TestAliases writes over an operand and wants what a separate destination
// gets. Calls that read dst, too, are not given a as dst.
func TestAliases(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		testAliases[float32](t)
		testAliases[float64](t)
	})
}

func testAliases[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, c := range calls[F]() {
		for _, n := range []int{1, 15, 77, 130} {
			a, b, dst := make([]F, n), make([]F, n), make([]F, n)
			lists := inputs[F](rng)
			draw(a, rng, lists[1])
			draw(b, rng, lists[0])
			overA, overB := slices.Clone(a), slices.Clone(b)
			c.do(dst, slices.Clone(a), b)
			if c.do(overB, slices.Clone(a), overB); !readsDst(c.name) && !equalBits(overB, dst) {
				t.Errorf("%s of %d elements over its second operand: %v, want %v", c.name, n, overB, dst)
			}
			if c.do(overA, overA, b); !readsDst(c.name) && !strings.HasPrefix(c.name, "MirrorSigmoid") && !equalBits(overA, dst) {
				t.Errorf("%s of %d elements over its first operand: %v, want %v", c.name, n, overA, dst)
			}
		}
	}
}

func readsDst(name string) bool {
	return strings.HasSuffix(name, "adding") || slices.Contains([]string{"AddMul", "AddScaled", "EMA", "HeavyBall", "EMAStep", "HeavyBallStep", "AdamMoments", "ShrinkStep", "DiagonalStep"}, name)
}

// TestSameBitsEverywhere wants the same bits on one processor and two, and at
// the two vector levels.
func TestSameBitsEverywhere(t *testing.T) {
	best, was := detect(), active
	t.Cleanup(func() { active = was })
	n := 3*block + 77
	rng := rand.New(rand.NewPCG(9, 10))
	a, b := make([]float32, n), make([]float32, n)
	for i := range a {
		a[i], b[i] = float32(3*rng.NormFloat64()), float32(3*rng.NormFloat64())
	}
	results := func(c call[float32]) []float32 {
		dst, first, second := make([]float32, n), slices.Clone(a), slices.Clone(b)
		c.do(dst, first, second)
		return slices.Concat(dst, first)
	}
	for _, c := range calls[float32]() {
		active = best
		want := results(c)
		procs := runtime.GOMAXPROCS(1)
		one := results(c)
		runtime.GOMAXPROCS(procs)
		if !equalBits(one, want) {
			t.Errorf("%s differs on one processor", c.name)
		}
		if active = min(best, AVX2); active == AVX2 && !equalBits(results(c), want) {
			t.Errorf("%s differs between %v and %v", c.name, best, active)
		}
	}
}

// TestFoldsSameBits is the same for sums, where the portable level agrees, too.
func TestFoldsSameBits(t *testing.T) {
	n := 3*block + 77
	rng := rand.New(rand.NewPCG(11, 12))
	a, b := make([]float32, n), make([]float32, n)
	for i := range a {
		a[i], b[i] = float32(rng.NormFloat64()), float32(rng.NormFloat64())
	}
	all := func() []float64 {
		return []float64{Dot(a, b), Sum(a), SumSquares(a), AbsSum(a), SquaredDistance(a, b), CentredSquares(a, 0.1), Norm(a), float64(Max(a)), float64(Min(a)), float64(AbsMax(a)), float64(ArgMax(a))}
	}
	want := all()
	atEveryLevel(t, func(t *testing.T) {
		for _, procs := range []int{1, 2} {
			was := runtime.GOMAXPROCS(procs)
			got := all()
			runtime.GOMAXPROCS(was)
			if !equalBits(got, want) {
				t.Errorf("on %d processors: %v, want %v", procs, got, want)
			}
		}
	})
	exact := 0.0
	for i := range a {
		exact += float64(a[i]) * float64(b[i])
	}
	if math.Abs(exact-want[0]) > 1e-9 {
		t.Errorf("dot is %v, want %v", want[0], exact)
	}
}

func TestNothingIsAllocated(t *testing.T) {
	for _, n := range []int{10, 3 * block} {
		x, y, z := make([]float32, n), make([]float32, n), make([]float32, n)
		for _, c := range calls[float32]() {
			if got := testing.AllocsPerRun(5, func() { c.do(x, y, z) }); got != 0 {
				t.Errorf("%s of %d elements allocates %v times", c.name, n, got)
			}
		}
		if got := testing.AllocsPerRun(5, func() { _ = Dot(x, y) + Norm(z) + float64(Max(x)) + ExpSum(x, y, 1) + SumExp(x, 1) }); got != 0 {
			t.Errorf("folds of %d elements allocate %v times", n, got)
		}
	}
}

func TestLengthsMustAgree(t *testing.T) {
	for _, c := range calls[float64]() {
		func() {
			defer func() {
				if r, ok := recover().(string); !ok || !strings.Contains(r, "simd.") {
					t.Errorf("%s of slices of different lengths: panic %v, want the function and the lengths", c.name, r)
				}
			}()
			c.do(make([]float64, 3), make([]float64, 4), make([]float64, 4))
		}()
	}
}
