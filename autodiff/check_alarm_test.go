package autodiff_test

import (
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// TestNoFalseAlarms checks right gradients at two thousand random points, or
// ten thousand with GRADUS_ALL set: of any size, far out, and on a grid where
// kinks and ties are common.
func TestNoFalseAlarms(t *testing.T) {
	t.Run("float64", testNoFalseAlarms[float64])
	t.Run("float32", testNoFalseAlarms[float32])
}

func testNoFalseAlarms[F tensor.Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	ops := opCases[F]()
	cases := append(ops, networks[F]()...)
	points, kinks, derivatives, unresolved := 0, 0, 0, 0
	rounds := 10
	if os.Getenv("GRADUS_ALL") != "" {
		rounds = 60
	}
	for round := range rounds {
		for n, c := range cases {
			inputs := c.draw(rng)
			for _, x := range inputs {
				for i, v := range x.Data {
					switch {
					case c.lo > 0: // a domain
					case round%4 == 3 && len(x.Data) > 1: // far out, where a single derivative may be lost in rounding
						x.Data[i] = F(float64(v) * 20)
					case round%4 == 1 && n < len(ops):
						// A grid. Not for compositions: where kinks meet, what the chain
						// rule gives need not lie between the slopes.
						x.Data[i] = F(math.Round(4*float64(v)) / 4)
					case round%4 == 2: // any size
						x.Data[i] = F(float64(v) * math.Exp2(-8*rng.Float64()))
					}
				}
			}
			checker := autodiff.NewChecker[F]()
			checker.Elements, checker.Seed = 12, rng.Uint64()
			v := checker.Check(c.f, inputs...)
			if !v.OK {
				t.Errorf("%s %v: %v", c.name, c.shapes, v)
			}
			points++
			kinks += v.KinkCount
			derivatives += v.Resolved
			unresolved += v.Unresolved
		}
	}
	if kinks < 100 {
		t.Errorf("%d kinks were met, want hundreds", kinks)
	}
	if 200*unresolved > derivatives {
		t.Errorf("%d derivatives unresolved beside %d resolved, want less than one in 200", unresolved, derivatives)
	}
	t.Logf("%d points, %d derivatives, %d kinks, %d unresolved", points, derivatives, kinks, unresolved)
}

// networks returns compositions with many kinks.
func networks[F tensor.Float]() []opCase[F] {
	labels := []int{2, 0, 1, 2}
	dense := func(x, w, b *autodiff.Var[F]) *autodiff.Var[F] {
		return autodiff.AddRow(autodiff.MatMul(x, w, tensor.Product[F]{TransB: true}), b)
	}
	perceptron := func(_ *autodiff.Tape[F], x vars[F]) *autodiff.Var[F] {
		h := autodiff.ReLU(dense(x[0], x[1], x[2]))
		h = autodiff.Max(dense(h, x[3], x[4]), dense(autodiff.Abs(h), x[3], x[4]))
		return autodiff.Mean(autodiff.Neg(autodiff.Pick(autodiff.LogSoftmax(h), labels)))
	}
	standardised := func(_ *autodiff.Tape[F], x vars[F]) *autodiff.Var[F] {
		squares := autodiff.SumRows(autodiff.Square(x[0]))
		return autodiff.MulRow(x[0], autodiff.Pow(autodiff.AddScalar(squares, 1e-3), -0.5))
	}
	return []opCase[F]{
		{"perceptron", perceptron, [][]int{{4, 5}, {6, 5}, {6}, {3, 6}, {3}}, 0, 0},
		{"large perceptron", perceptron, [][]int{{4, 20}, {30, 20}, {30}, {3, 30}, {3}}, 0, 0},
		{"standardised", standardised, [][]int{{6, 3}}, 0, 0},
		{"large ReLU", func(_ *autodiff.Tape[F], x vars[F]) *autodiff.Var[F] { return autodiff.ReLU(x[0]) }, [][]int{{40, 50}}, 0, 0},
	}
}
