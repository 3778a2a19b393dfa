package attack_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// small is a network, images and the labels that it gives them.
func small[F tensor.Float](seed uint64, n int) (nn.Layer[F], *tensor.Tensor[F], []int) {
	rng := rand.New(rand.NewPCG(seed, 9))
	model := nn.Sequential[F]{nn.NewLinear[F](20, 16, rng), nn.ReLU[F]{}, nn.NewLinear[F](16, 4, rng)}
	x := randomBatch[F](rng, n, []int{20})
	return model, x, predictions[F](model, x)
}

// everyAttack lists attacks on a ball.
func everyAttack(ball attack.Ball) map[string]attack.Attack {
	random := attack.PGD(ball, attack.Unit(), 5, ball.Radius/3)
	random.RandomStart, random.Restarts, random.Seed = true, 3, 11
	margin := random
	margin.Objective = attack.Margin
	repeated := attack.FGSM(ball, attack.Unit())
	repeated.Iterations = 3
	return map[string]attack.Attack{
		"FGSM": attack.FGSM(ball, attack.Unit()), "PGD": attack.PGD(ball, attack.Unit(), 5, ball.Radius/3),
		"MIM": attack.MIM(ball, attack.Unit(), 5), "random": random, "margin": margin, "repeated": repeated,
	}
}

func run[F tensor.Float](t *testing.T, model nn.Layer[F], a attack.Attack, x *tensor.Tensor[F], labels []int) *attack.Report[F] {
	t.Helper()
	attacker, err := attack.New(model, a)
	if err != nil {
		t.Fatal(err)
	}
	report, err := attacker.Run(t.Context(), x, labels)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// testAudits holds every attack, targeted or not, to its own audit.
func testAudits[F tensor.Float](t *testing.T) {
	model, x, labels := small[F](1, 140) // more than one block
	ulp := math.Nextafter(1, 2)
	if _, ok := any(F(0)).(float32); ok {
		ulp = float64(math.Nextafter32(1, 2))
	}
	for _, ball := range []attack.Ball{attack.LInf(0.05), attack.LInf(1e-5), attack.L2(0.3), attack.L1(0.6), attack.Lp(3, 0.1), attack.LInf(0)} {
		for name, a := range everyAttack(ball) {
			if ball.P == 3 && name != "FGSM" && name != "PGD" {
				continue // its projection takes long
			}
			for _, targeted := range []bool{false, true} {
				a.Targeted = targeted
				goal := slices.Clone(labels)
				if targeted {
					for i, y := range labels {
						goal[i] = (y + 1) % 4
					}
				}
				report := run(t, model, a, x, goal)
				got := predictions(model, report.Adversarial)
				z, after := logitsOf(model, x), logitsOf(model, report.Adversarial)
				for i, image := range report.Images {
					at := ball.String() + " " + name
					delta := make([]float64, 20)
					for j, v := range report.Adversarial.Row(i) {
						delta[j] = float64(v) - float64(x.Row(i)[j])
						if v < 0 || v > 1 {
							t.Fatalf("%s: element %v", at, v)
						}
					}
					if norm := attack.Norm(delta, ball.P); norm > ball.Radius*ulp || norm != image.Norm || !image.Feasible {
						t.Fatalf("%s: norm %v, in the audit %+v", at, norm, image)
					}
					if image.Clean != labels[i] || image.Attacked != got[i] || image.Label != goal[i] {
						t.Fatalf("%s: predicted %d, then %d: %+v", at, labels[i], got[i], image)
					}
					if image.Success != ((got[i] == goal[i]) == targeted) || image.Robust() != (got[i] == goal[i] && labels[i] == goal[i]) {
						t.Fatalf("%s: after a prediction of %d: %+v", at, got[i], image)
					}
					drop := logProb(z.Row(i), goal[i]) - logProb(after.Row(i), goal[i])
					if math.Abs(drop-image.Drop) > 1e-5 {
						t.Fatalf("%s: drop %v, in the audit %+v", at, drop, image)
					}
				}
				s := report.Summary()
				if s.Infeasible != 0 || s.Images != 140 || s.Clean != 1 && !targeted && math.Abs(s.Clean-1) > 1e-12 {
					t.Fatalf("%+v", s)
				}
				sign := 1.
				if targeted {
					sign = -1
				}
				if ball.Radius > 1e-3 && !(sign*s.Drop > 3*math.Abs(s.NoiseDrop) && sign*s.Predicted > 0) {
					t.Errorf("%v %s, targeted %v: no better than noise: %v", ball, name, targeted, s)
				}
			}
		}
	}
}

func TestAuditsFloat32(t *testing.T) { testAudits[float32](t) }
func TestAuditsFloat64(t *testing.T) { testAudits[float64](t) }

func logProb[F tensor.Float](z []F, label int) float64 {
	sum := 0.0
	for _, v := range z {
		sum += math.Exp(float64(v) - float64(z[label]))
	}
	return -math.Log(sum)
}

// In a small ball the linearisation is right.
func TestPredictionIsOfFirstOrder(t *testing.T) {
	model, x, labels := small[float64](2, 30)
	for _, ball := range []attack.Ball{attack.LInf(1e-6), attack.L2(1e-6), attack.L1(1e-6)} {
		for i, image := range run(t, model, attack.FGSM(ball, attack.Unit()), x, labels).Images {
			if math.Abs(image.Drop-image.Predicted) > 1e-3*math.Abs(image.Predicted)+1e-12 {
				t.Errorf("%v, image %d: drop %v, predicted %v", ball, i, image.Drop, image.Predicted)
			}
		}
	}
}

// The same attack by hand, in the network's own gradient.
func TestFGSMByHand(t *testing.T) {
	model, x, labels := small[float64](3, 5)
	at, err := attack.Linearise(model, x, labels)
	if err != nil {
		t.Fatal(err)
	}
	report := run(t, model, attack.FGSM(attack.LInf(0.07), attack.Unit()), x, labels)
	for i, v := range x.Data {
		want := v
		if g := at.Gradient.Data[i]; g != 0 {
			want = min(1, max(0, v-math.Copysign(0.07, g)))
		}
		if got := report.Adversarial.Data[i]; math.Abs(got-want) > 1e-15 {
			t.Errorf("element %d is %v, want %v", i, got, want)
		}
	}
}

// More search finds no less, on the average of the objective.
func TestStrongerAttacks(t *testing.T) {
	model, x, labels := small[float64](4, 60)
	ball := attack.LInf(0.1)
	noise := run(t, model, attack.FGSM(ball, attack.Unit()), x, labels).Summary()
	pgd := attack.PGD(ball, attack.Unit(), 20, 0.02)
	once := run(t, model, pgd, x, labels).Summary()
	pgd.RandomStart, pgd.Restarts = true, 6
	often := run(t, model, pgd, x, labels).Summary()
	if !(noise.Noise >= noise.Robust && noise.Robust >= once.Robust-0.02 && once.Robust >= often.Robust) {
		t.Errorf("accuracy under noise %v, FGSM %v, PGD %v, PGD with restarts %v: want them in this order", noise.Noise, noise.Robust, once.Robust, often.Robust)
	}
	if often.Robust == 1 || once.Successes == 0 {
		t.Errorf("nothing succeeded: %v", once)
	}
}

func TestAttackOnAnyNumberOfProcessors(t *testing.T) {
	model, x, labels := small[float32](5, 133)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for name, a := range everyAttack(attack.L2(0.3)) {
		runtime.GOMAXPROCS(1)
		one := run(t, model, a, x, labels)
		runtime.GOMAXPROCS(3)
		if three := run(t, model, a, x, labels); !slices.Equal(one.Adversarial.Data, three.Adversarial.Data) || !slices.Equal(one.Images, three.Images) {
			t.Errorf("%s: other bits on three processors", name)
		}
	}
}

// However sure the network is, its gradient has a direction and the attack
// works: in float32 softmax − one-hot is 0 at these logits.
func TestSaturatedSoftmax(t *testing.T) {
	l := &nn.Linear[float32]{Weight: nn.NewParam[float32](2, 1), Bias: nn.NewParam[float32](2)}
	copy(l.Weight.Value.Data, []float32{1000, -1000})
	x := tensor.From([]float32{0.3}, 1, 1)
	report := run[float32](t, l, attack.PGD(attack.LInf(0.5), attack.Box{Lo: -1, Hi: 1}, 10, 0.1), x, []int{0})
	if image := report.Images[0]; !image.Success || math.Abs(image.Drop-400) > 1e-3 || image.ZeroGradients != 0 || image.Predicted > 1e-200 {
		t.Errorf("%+v: want a success, from a log-probability of 0 to -400", image)
	}
}

// Dead units leave an attack blind, and the audit says so.
func TestZeroGradientsAreCounted(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	dead := nn.NewLinear[float32](5, 3, rng)
	dead.Bias.Value.Fill(-100)
	model := nn.Sequential[float32]{dead, nn.ReLU[float32]{}, nn.NewLinear[float32](3, 2, rng)}
	x := randomBatch[float32](rng, 4, []int{5})
	report := run[float32](t, model, attack.PGD(attack.L2(0.1), attack.Unit(), 3, 0.1), x, predictions[float32](model, x))
	if s := report.Summary(); s.Blind != 4 || math.Abs(s.ZeroGradients-1) > 1e-9 || s.Drop != 0 || !slices.Equal(report.Adversarial.Data, x.Data) {
		t.Errorf("%+v", s)
	}
	if line := report.String(); !strings.Contains(line, "100.0% of gradients 0, 4 images blind, 0 infeasible") {
		t.Error(line)
	}
}

func TestAttackRefuses(t *testing.T) {
	model, x, labels := small[float32](7, 3)
	good := attack.FGSM(attack.LInf(0.1), attack.Unit())
	for what, change := range map[string]func(*attack.Attack){
		"radius":     func(a *attack.Attack) { a.Ball.Radius = -1 },
		"p":          func(a *attack.Attack) { a.Ball.P = 0.5 },
		"box":        func(a *attack.Attack) { a.Box = attack.Box{Lo: 1, Hi: 0} },
		"objective":  func(a *attack.Attack) { a.Objective = 7 },
		"direction":  func(a *attack.Attack) { a.Direction = 7 },
		"iterations": func(a *attack.Attack) { a.Iterations = 0 },
		"step":       func(a *attack.Attack) { a.Direction, a.StepSize = attack.Steepest, math.NaN() },
		"momentum":   func(a *attack.Attack) { a.Momentum = -1 },
		"restarts":   func(a *attack.Attack) { a.Restarts = 0 },
		"same start": func(a *attack.Attack) { a.Restarts = 2 },
	} {
		a := good
		change(&a)
		e := new(attack.DomainError)
		if _, err := attack.New(model, a); !errors.As(err, &e) {
			t.Errorf("%s: error %v", what, err)
		}
	}
	attacker, err := attack.New(model, good)
	if err != nil {
		t.Fatal(err)
	}
	outside, broken := x.Clone(), x.Clone()
	outside.Data[25], broken.Data[45] = 1.5, float32(math.NaN())
	for want, c := range map[string]struct {
		x      *tensor.Tensor[float32]
		labels []int
	}{
		"image 1: element 5 is 1.5": {outside, labels},
		"image 2: element 5 is NaN": {broken, labels},
		"want [batch …] and one":    {x, labels[:2]},
		"label 1 is 4":              {x, []int{0, 4, 0}},
		"layer 0":                   {tensor.New[float32](3, 19), labels},
	} {
		if _, err := attacker.Run(t.Context(), c.x, c.labels); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
	if err := attacker.Perturb(t.Context(), x, x, labels); err == nil || !strings.Contains(err.Error(), "memory of its own") {
		t.Errorf("in the memory of the inputs: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := attacker.Run(ctx, x, labels); !errors.Is(err, context.Canceled) {
		t.Errorf("after cancellation: %v", err)
	}
	nan := nn.NewLinear[float32](20, 2, rand.New(rand.NewPCG(1, 1)))
	nan.Weight.Value.Data[3] = float32(math.NaN())
	for _, ball := range []attack.Ball{attack.LInf(0.1), attack.L2(0.1)} {
		attacker, err := attack.New[float32](nan, attack.FGSM(ball, attack.Unit()))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := attacker.Run(t.Context(), x, []int{0, 1, 0}); err == nil || !strings.Contains(err.Error(), "image 0: the gradient") {
			t.Errorf("a weight of NaN: %v", err)
		}
	}
}
