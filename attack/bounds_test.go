package attack

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// In a ball of P < ∞ the first layer's bounds are the exact extremes, where the
// sign is not certain: attained by the linear attack on each unit.
func TestRefinedBoundsAreAttained(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	const in, units = 7, 12
	first := nn.NewLinear[float64](in, units, rng)
	model := nn.Sequential[float64]{first, nn.ReLU[float64]{}, nn.NewLinear[float64](units, 3, rng)}
	n, err := compile[float64](model, []int{in})
	if err != nil {
		t.Fatal(err)
	}
	x, adv := make([]float64, in), make([]float64, in)
	for i := range x {
		x[i] = rng.Float64()
	}
	refined := 0
	for _, p := range []float64{1, 1.5, 2, 6} {
		ball := Lp(p, 0.8)
		b := n.bound(x, ball, Unit(), CROWN).values[1]
		wide := n.bound(x, ball, Unit(), IBP).values[1]
		for i := range units {
			if wide.lo[i] >= 0 || wide.hi[i] <= 0 {
				continue
			}
			refined++
			w, centre := first.Weight.Value.Row(i), first.Bias.Value.Data[i]
			for j, v := range x {
				centre += w[j] * v
			}
			least, err := Minimise(adv, x, w, ball, Unit())
			if err != nil {
				t.Fatal(err)
			}
			most, err := Maximise(adv, x, w, ball, Unit())
			if err != nil {
				t.Fatal(err)
			}
			if lo, hi := centre+least, centre+most; !(b.lo[i] <= lo && lo-b.lo[i] < 1e-9 && b.hi[i] >= hi && b.hi[i]-hi < 1e-9) {
				t.Errorf("p = %v, unit %d: bounds [%v, %v], attained [%v, %v]", p, i, b.lo[i], b.hi[i], lo, hi)
			}
		}
	}
	if refined == 0 {
		t.Error("no unit has an uncertain sign")
	}
}

// Sums that cancel round in float32: the bounds at radius 0 hold what the
// network gives, not only the exact sum.
func TestBoundsHoldRoundedSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	const in, units = 300, 40
	l := nn.NewLinear[float32](in, units, rng)
	for i := range l.Weight.Value.Data {
		l.Weight.Value.Data[i] *= float32(math.Exp(6 * rng.NormFloat64()))
	}
	n, err := compile[float32](l, []int{in})
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.New[float32](1, in)
	tensor.Uniform(x, rng, 0, 1)
	b := n.bound(wide(x.Data), LInf(0), Unit(), IBP).values[1]
	rounded := 0
	g := newGradients[float32](l)
	g.values(x, []int{0}, LogProbability)
	for i, v := range g.logits.Value.Data {
		if !(b.lo[i] <= float64(v) && float64(v) <= b.hi[i]) {
			t.Errorf("unit %d is %v, bounds [%v, %v]", i, v, b.lo[i], b.hi[i])
		}
		exact := float64(l.Bias.Value.Data[i])
		for j, w := range l.Weight.Value.Row(i) {
			exact += float64(w) * float64(x.Data[j])
		}
		if math.Abs(exact-float64(v)) > 1e-9*math.Abs(exact) {
			rounded++
		}
	}
	if rounded < units/2 {
		t.Errorf("only %d of %d sums rounded: the test shows nothing", rounded, units)
	}
}
