package nn_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// TestNoFalseAlarms checks the true gradients of every layer of the gradient
// table, and of the losses, at random points of every kind: a thousand by
// default, ten thousand with GRADUS_ALL set.
func TestNoFalseAlarms(t *testing.T) {
	t.Run("float64", testNoFalseAlarms[float64])
	t.Run("float32", testNoFalseAlarms[float32])
}

// points are ways to draw an input.
var points = []struct {
	name string
	draw func(rng *rand.Rand) float64
}{
	{"normal", func(rng *rand.Rand) float64 { return rng.NormFloat64() }},
	{"on a grid", func(rng *rand.Rand) float64 { return math.Round(2*rng.NormFloat64()) / 4 }},
	{"of any size", func(rng *rand.Rand) float64 { return rng.NormFloat64() * math.Exp2(-8*rng.Float64()) }},
	{"far out", func(rng *rand.Rand) float64 { return 30 * rng.NormFloat64() }},
	{"all alike", func(rng *rand.Rand) float64 { return 1 + 1e-3*rng.NormFloat64() }},
	{"small", func(rng *rand.Rand) float64 { return 1e-4 * rng.NormFloat64() }},
	{"zeros and ones", func(rng *rand.Rand) float64 { return float64(rng.IntN(2)) }},
	{"zero", func(*rand.Rand) float64 { return 0 }},
}

func testNoFalseAlarms[F tensor.Float](t *testing.T) {
	want := 1000
	if all() {
		want = 10000
	}
	rng := rand.New(rand.NewPCG(9, 1))
	checked, kinks, derivatives, unresolved := 0, 0, 0, 0
	check := func(name, point string, f func(*autodiff.Tape[F], []*autodiff.Var[F]) *autodiff.Var[F], inputs ...*tensor.Tensor[F]) {
		c := autodiff.NewChecker[F]()
		c.Elements, c.Seed = 8, rng.Uint64()
		v := c.Check(f, inputs...)
		if !v.OK {
			t.Errorf("%s, %s: %v", name, point, v)
		}
		checked++
		kinks += v.KinkCount
		derivatives += v.Resolved
		unresolved += v.Unresolved
	}
	cases := gradients[F]()
	for round := 0; checked < want; round++ {
		for n, c := range cases {
			point := points[(round+n)%len(points)]
			x := tensor.New[F](c.shape...)
			inputs := []*tensor.Tensor[F]{x}
			for _, p := range nn.Params[F](c.layer) {
				tensor.Normal(p.Value, rng, 0, 1)
				inputs = append(inputs, p.Value)
			}
			for i := range x.Data {
				x.Data[i] = F(point.draw(rng))
			}
			pass := &nn.Pass[F]{Train: round%4 < 3}
			if !pass.Train {
				inputs = inputs[:1]
			}
			check(c.name, point.name, func(tape *autodiff.Tape[F], x []*autodiff.Var[F]) *autodiff.Var[F] {
				pass.Tape, pass.Rand = tape, rand.New(rand.NewPCG(3, 3))
				return c.layer.Forward(pass, x[0])
			}, inputs...)
		}
		lossesAt(rng, check)
	}
	t.Logf("%d points, %d derivatives, %d kinks, %d unresolved", checked, derivatives, kinks, unresolved)
	if kinks < want/20 || 50*unresolved > derivatives {
		t.Errorf("%d kinks and %d unresolved beside %d derivatives: want many and few", kinks, unresolved, derivatives)
	}
}

// lossesAt checks every loss once, at logits of some size up to 1000.
func lossesAt[F tensor.Float](rng *rand.Rand, check func(string, string, func(*autodiff.Tape[F], []*autodiff.Var[F]) *autodiff.Var[F], ...*tensor.Tensor[F])) {
	type vr = autodiff.Var[F]
	labels, weights := []int{rng.IntN(4), losses.Ignore, rng.IntN(4)}, []float64{1, 0.5, 2, 3}
	targets := tensor.New[F](3, 4)
	tensor.Uniform(targets, rng, 0, 1)
	all := []struct {
		name string
		loss func(z *vr) *vr
	}{
		{"cross entropy", func(z *vr) *vr { return losses.CrossEntropy(z, labels, losses.CrossEntropyOptions{}) }},
		{"cross entropy, weighted and smoothed", func(z *vr) *vr {
			return losses.CrossEntropy(z, labels, losses.CrossEntropyOptions{Weights: weights, Smoothing: 0.1, Reduction: losses.SumReduction})
		}},
		{"soft cross entropy", func(z *vr) *vr { return losses.CrossEntropySoft(z, targets, losses.CrossEntropyOptions{}) }},
		{"binary cross entropy", func(z *vr) *vr { return losses.BinaryCrossEntropy(z, targets, losses.SumReduction) }},
		{"squared error", func(z *vr) *vr { return losses.MSE(z, targets, losses.MeanReduction) }},
	}
	for _, loss := range all {
		z := tensor.New[F](3, 4)
		point := "logits of ±1000"
		switch rng.IntN(3) {
		case 0:
			for i := range z.Data {
				z.Data[i] = F(1000 * (1 - 2*rng.IntN(2)))
			}
		case 1:
			point = "logits up to 1000"
			tensor.Uniform(z, rng, -1000, 1000)
		default:
			point = "logits of a few"
			tensor.Normal(z, rng, 0, 3)
		}
		check(loss.name, point, func(_ *autodiff.Tape[F], x []*vr) *vr { return loss.loss(x[0]) }, z)
	}
}
