package attack_test

import (
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

// certified are networks that use every rule, on images of a shape.
func certified[F tensor.Float](rng *rand.Rand) map[string]struct {
	model nn.Layer[F]
	shape []int
} {
	type entry = struct {
		model nn.Layer[F]
		shape []int
	}
	norm := nn.NewBatchNorm[F](3)
	for c := range 3 {
		norm.Weight.Value.Data[c] = F(rng.NormFloat64())
		norm.Bias.Value.Data[c] = F(rng.NormFloat64())
		norm.RunningMean.Value.Data[c] = F(rng.NormFloat64())
		norm.RunningVar.Value.Data[c] = F(rng.ExpFloat64())
	}
	pool := nn.NewMaxPool2D[F](3)
	pool.Stride, pool.Padding = [2]int{2, 2}, [2]int{1, 1}
	average := nn.NewAvgPool2D[F](2)
	average.Stride, average.Padding, average.ExcludePadding = [2]int{1, 1}, [2]int{1, 1}, true
	return map[string]entry{
		"linear": {nn.NewLinear[F](6, 4, rng), []int{6}},
		"mlp": {nn.Sequential[F]{
			nn.NewLinear[F](6, 12, rng), nn.ReLU[F]{}, nn.NewLinear[F](12, 9, rng), nn.LeakyReLU[F]{Slope: 0.1}, nn.NewLinear[F](9, 3, rng),
		}, []int{6}},
		"cnn": {nn.Sequential[F]{
			&attack.Standardize[F]{Mean: []F{0.3, 0.6}, Std: []F{0.5, 0.25}},
			nn.NewConv2D[F](2, 3, 3, 1, 1, rng), norm, nn.ReLU[F]{}, pool,
			nn.NewGroupedConv2D[F](3, 6, 2, 2, 1, 3, rng), nn.LeakyReLU[F]{Slope: 0.3}, average,
			nn.Flatten[F]{}, nn.NewDropout[F](0.5), nn.NewLinear[F](6*3*3, 3, rng),
		}, []int{2, 6, 6}},
		"residual": {nn.Sequential[F]{
			nn.NewLinear[F](8, 8, rng),
			&nn.Residual[F]{Body: nn.Sequential[F]{nn.NewLinear[F](8, 8, rng), nn.ReLU[F]{}, nn.NewLinear[F](8, 8, rng)}},
			nn.ReLU[F]{}, nn.NewReshape[F](2, 2, 2),
			&nn.Residual[F]{Body: nn.NewConv2D[F](2, 3, 1, 1, 0, rng), Projection: nn.Sequential[F]{nn.NewConv2D[F](2, 3, 1, 1, 0, rng), nn.ReLU[F]{}}},
			nn.Flatten[F]{}, nn.NewLinear[F](12, 4, rng),
		}, []int{8}},
	}
}

var methods = []attack.Method{attack.IBP, attack.CROWNIBP, attack.CROWN}

func randomBatch[F tensor.Float](rng *rand.Rand, n int, shape []int) *tensor.Tensor[F] {
	x := tensor.New[F](append([]int{n}, shape...)...)
	tensor.Uniform(x, rng, 0, 1)
	for i := range x.Data { // some at the bounds
		if rng.IntN(8) == 0 {
			x.Data[i] = F(rng.IntN(2))
		}
	}
	return x
}

func logitsOf[F tensor.Float](model nn.Layer[F], x *tensor.Tensor[F]) *tensor.Tensor[F] {
	pass := &nn.Pass[F]{Tape: newTape[F]()}
	return model.Forward(pass, pass.Tape.Constant(x)).Value.Clone()
}

func predictions[F tensor.Float](model nn.Layer[F], x *tensor.Tensor[F]) []int {
	z := logitsOf(model, x)
	labels := make([]int, z.Shape[0])
	for i := range labels {
		labels[i] = slices.Index(z.Row(i), slices.Max(z.Row(i)))
	}
	return labels
}

func marginOf[F tensor.Float](z []F, label int) float64 {
	margin := math.Inf(1)
	for k, v := range z {
		if k != label {
			margin = min(margin, float64(z[label])-float64(v))
		}
	}
	return margin
}

// No point of the ball, random, at its corners or found by an attack on the
// margin, has a margin below the certificate; the methods are in order; and
// certificates say what their margins do.
func testCertificates[F tensor.Float](t *testing.T) {
	for seed := range uint64(3) {
		rng := rand.New(rand.NewPCG(seed, 7))
		for name, c := range certified[F](rng) {
			x := randomBatch[F](rng, 4, c.shape)
			labels := predictions(c.model, x)
			certifier, err := attack.NewCertifier(c.model, c.shape)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range []float64{1, 2, 3, math.Inf(1)} {
				for _, radius := range []float64{0, 0.003, 0.05, 0.4} {
					ball := attack.Lp(p, radius)
					lower := make([]float64, len(labels))
					for i := range lower {
						lower[i] = math.Inf(-1)
					}
					for _, method := range methods {
						certificates, err := certifier.Certify(t.Context(), x, labels, ball, attack.Unit(), method)
						if err != nil {
							t.Fatal(err)
						}
						for i, cert := range certificates {
							if !(cert.Margin >= lower[i]) || cert.Robust != (cert.Margin > 0) || cert.Label != labels[i] {
								t.Fatalf("%s, %v, %v: %+v after a margin of %v", name, ball, method, cert, lower[i])
							}
							lower[i] = cert.Margin
						}
					}
					for _, points := range pointsOf(t, rng, c.model, x, labels, ball) {
						z := logitsOf(c.model, points)
						for i, y := range labels {
							if margin := marginOf(z.Row(i), y); margin < lower[i] {
								t.Fatalf("%s, %v: margin %v, certified %v", name, ball, margin, lower[i])
							}
						}
					}
				}
			}
		}
	}
}

// pointsOf returns points of the ball around each image.
func pointsOf[F tensor.Float](t *testing.T, rng *rand.Rand, model nn.Layer[F], x *tensor.Tensor[F], labels []int, ball attack.Ball) []*tensor.Tensor[F] {
	points := []*tensor.Tensor[F]{x}
	for range 8 { // corners
		w := x.Clone()
		g := make([]F, len(x.Row(0)))
		for i := range labels {
			for j := range g {
				g[j] = F(rng.NormFloat64())
			}
			if _, err := attack.Minimise(w.Row(i), x.Row(i), g, ball, attack.Unit()); err != nil {
				t.Fatal(err)
			}
		}
		points = append(points, w)
	}
	for _, objective := range []attack.Objective{attack.LogProbability, attack.Margin} {
		a := attack.PGD(ball, attack.Unit(), 10, ball.Radius/4)
		a.Objective, a.RandomStart, a.Restarts = objective, true, 2
		attacker, err := attack.New(model, a)
		if err != nil {
			t.Fatal(err)
		}
		adv := tensor.New[F](x.Shape...)
		if err := attacker.Perturb(t.Context(), adv, x, labels); err != nil {
			t.Fatal(err)
		}
		points = append(points, adv)
	}
	return points
}

func TestCertificatesAreSoundFloat64(t *testing.T) { testCertificates[float64](t) }
func TestCertificatesAreSoundFloat32(t *testing.T) { testCertificates[float32](t) }

// For a linear model of two classes the attack is optimal and the certificate
// tight: they meet.
func TestLinearModelsAreExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		model := nn.NewLinear[float64](10, 2, rng)
		x := randomBatch[float64](rng, 5, []int{10})
		labels := predictions[float64](model, x)
		for _, p := range []float64{1, 1.5, 2, 4, math.Inf(1)} {
			ball := attack.Lp(p, 0.5*rng.ExpFloat64())
			certifier, err := attack.NewCertifier[float64](model, []int{10})
			if err != nil {
				t.Fatal(err)
			}
			certificates, err := certifier.Certify(t.Context(), x, labels, ball, attack.Unit(), attack.CROWN)
			if err != nil {
				t.Fatal(err)
			}
			attacker, err := attack.New[float64](model, attack.FGSM(ball, attack.Unit()))
			if err != nil {
				t.Fatal(err)
			}
			report, err := attacker.Run(t.Context(), x, labels)
			if err != nil {
				t.Fatal(err)
			}
			z := logitsOf[float64](model, report.Adversarial)
			for i, c := range certificates {
				margin := marginOf(z.Row(i), labels[i])
				if !(c.Margin <= margin && margin-c.Margin < 1e-9) || c.Robust != report.Images[i].Robust() {
					t.Errorf("%v: certified %+v, attacked to a margin of %v (%+v)", ball, c, margin, report.Images[i])
				}
			}
		}
	}
}

// The relaxations pay: on a network of random weights each method certifies
// more than the one before.
func TestMethodsDiffer(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	c := certified[float32](rng)["mlp"]
	x := randomBatch[float32](rng, 20, c.shape)
	labels := predictions(c.model, x)
	certifier, err := attack.NewCertifier(c.model, c.shape)
	if err != nil {
		t.Fatal(err)
	}
	total := 0.0
	for i, method := range methods {
		certificates, err := certifier.Certify(t.Context(), x, labels, attack.LInf(0.1), attack.Unit(), method)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, c := range certificates {
			sum += c.Margin
		}
		if i > 0 && !(sum > total+1e-3) {
			t.Errorf("%v: margins sum to %v, to %v by the method before", method, sum, total)
		}
		total = sum
	}
}

func TestCertifyOnAnyNumberOfProcessors(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	c := certified[float32](rng)["cnn"]
	x := randomBatch[float32](rng, 7, c.shape)
	labels := predictions(c.model, x)
	certifier, err := attack.NewCertifier(c.model, c.shape)
	if err != nil {
		t.Fatal(err)
	}
	var first []attack.Certificate
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, n := range []int{1, 2, 3} {
		runtime.GOMAXPROCS(n)
		certificates, err := certifier.Certify(t.Context(), x, labels, attack.L2(0.1), attack.Unit(), attack.CROWN)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = certificates
		}
		if !slices.Equal(first, certificates) {
			t.Errorf("on %d processors: %v, on one %v", n, certificates, first)
		}
	}
}

func TestCertifierRefuses(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for want, model := range map[string]nn.Layer[float32]{
		`layer "1" (nn.GELU)`:      nn.Sequential[float32]{nn.NewLinear[float32](2, 2, rng), nn.GELU[float32]{}, nn.NewLinear[float32](2, 2, rng)},
		`layer "0.body" (nn.Tanh)`: nn.Sequential[float32]{&nn.Residual[float32]{Body: nn.Tanh[float32]{}}, nn.NewLinear[float32](2, 2, rng)},
		`slope -1`:                 nn.Sequential[float32]{nn.LeakyReLU[float32]{Slope: -1}, nn.NewLinear[float32](2, 2, rng)},
		`computes nothing`:         nn.Flatten[float32]{},
		`layer 0`:                  nn.Sequential[float32]{nn.NewLinear[float32](3, 2, rng)},
	} {
		if _, err := attack.NewCertifier(model, []int{2}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
	certifier, err := attack.NewCertifier[float32](nn.NewLinear[float32](2, 2, rng), []int{2})
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.From([]float32{0.5, 0.5}, 1, 2)
	for what, try := range map[string]func() ([]attack.Certificate, error){
		"label": func() ([]attack.Certificate, error) {
			return certifier.Certify(t.Context(), x, []int{2}, attack.L2(1), attack.Unit(), attack.IBP)
		},
		"radius": func() ([]attack.Certificate, error) {
			return certifier.Certify(t.Context(), x, []int{1}, attack.L2(-1), attack.Unit(), attack.IBP)
		},
		"box": func() ([]attack.Certificate, error) {
			return certifier.Certify(t.Context(), x, []int{1}, attack.L2(1), attack.Box{Lo: 0.6, Hi: 1}, attack.IBP)
		},
		"shape": func() ([]attack.Certificate, error) {
			return certifier.Certify(t.Context(), tensor.From([]float32{0.5}, 1, 1), []int{1}, attack.L2(1), attack.Unit(), attack.IBP)
		},
	} {
		e := new(attack.DomainError)
		if _, err := try(); !errors.As(err, &e) {
			t.Errorf("%s: error %v", what, err)
		}
	}
}

// Weights beyond the numbers of F certify nothing.
func TestOverflowCertifiesNothing(t *testing.T) {
	l := nn.NewLinear[float32](1, 2, rand.New(rand.NewPCG(1, 1)))
	copy(l.Weight.Value.Data, []float32{3e38, -3e38})
	model := nn.Sequential[float32]{l, nn.ReLU[float32]{}, l2(rand.New(rand.NewPCG(2, 2)))}
	certifier, err := attack.NewCertifier[float32](model, []int{1})
	if err != nil {
		t.Fatal(err)
	}
	for _, method := range methods {
		certificates, err := certifier.Certify(t.Context(), tensor.From([]float32{0.9}, 1, 1), []int{0}, attack.LInf(1), attack.Box{Lo: -2, Hi: 2}, method)
		if err != nil || certificates[0].Robust {
			t.Errorf("%v: %+v, %v", method, certificates, err)
		}
	}
}

func l2(rng *rand.Rand) *nn.Linear[float32] { return nn.NewLinear[float32](2, 2, rng) }
