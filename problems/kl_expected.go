package problems

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/losses"
)

type klSplit struct {
	KL              []float64   `json:"kl"`
	CE              []float64   `json:"ce"`
	Entropy         []float64   `json:"entropy"`
	ExpectedKL      float64     `json:"expected_kl"`
	ExpectedCE      float64     `json:"expected_ce"`
	ExpectedEntropy float64     `json:"expected_entropy"`
	GradLogits      [][]float64 `json:"grad_logits,omitempty"`
}

// expectSplit fills in all of a klSplit but the gradient.
func expectSplit(px []float64, target losses.Probs, model losses.LogProbs) (out klSplit, err error) {
	if err := wantLength("p_x", px, target.Rows(), "one for each row of p_star"); err != nil {
		return out, err
	}
	s, err := losses.Expect(px, target, model)
	if err != nil {
		return out, err
	}
	return klSplit{
		KL: s.KL, CE: s.CrossEntropy, Entropy: s.Entropy,
		ExpectedKL: s.ExpectedKL, ExpectedCE: s.ExpectedCrossEntropy, ExpectedEntropy: s.ExpectedEntropy,
	}, nil
}

// checkSplit compares with sums over the definition; p holds probabilities.
func checkSplit(c *Comparison, px []float64, target, p [][]float64, out klSplit) {
	kl, ce, entropy := make([]float64, len(px)), make([]float64, len(px)), make([]float64, len(px))
	for i, row := range target {
		for y, t := range row {
			if t > 0 {
				kl[i] += t * math.Log(t/p[i][y])
				ce[i] -= t * math.Log(p[i][y])
				entropy[i] -= t * math.Log(t)
			}
		}
	}
	c.vector("kl", out.KL, kl, 1e-12)
	c.vector("ce", out.CE, ce, 1e-12)
	c.vector("entropy", out.Entropy, entropy, 1e-12)
	c.near("expected_kl", out.ExpectedKL, dot(px, kl), 1e-12)
	c.near("expected_ce", out.ExpectedCE, dot(px, ce), 1e-12)
	c.near("expected_entropy", out.ExpectedEntropy, dot(px, entropy), 1e-12)
}

// softmaxRows is the softmax as it is written, for checks.
func softmaxRows(logits [][]float64) [][]float64 {
	p := make([][]float64, len(logits))
	for i, row := range logits {
		sum := 0.0
		for _, z := range row {
			sum += math.Exp(z)
		}
		for _, z := range row {
			p[i] = append(p[i], math.Exp(z)/sum)
		}
	}
	return p
}

type klLogitsIn struct {
	PX     []float64   `json:"p_x"`
	PStar  [][]float64 `json:"p_star"`
	Logits [][]float64 `json:"logits" infinite:"yes"`
}

func klExpectedLogits() Operation {
	return operation(definition[klLogitsIn, klSplit]{
		name:   "expected_kl_logits",
		method: "sums over the definition; differences for the gradient",
		solve: func(in klLogitsIn) (out klSplit, err error) {
			target, err := losses.ProbsOf(in.PStar)
			if err != nil {
				return out, err
			}
			z, err := losses.LogitsOf(in.Logits)
			if err != nil {
				return out, err
			}
			if out, err = expectSplit(in.PX, target, z.LogProbs()); err != nil {
				return out, err
			}
			g, err := losses.LogitGradient(in.PX, target, z)
			out.GradLogits = g.Lists()
			return out, err
		},
		draw: func(rng *rand.Rand) klLogitsIn {
			n, k := 1+rng.IntN(3), 2+rng.IntN(3)
			in := klLogitsIn{PX: distribution(rng, n), PStar: distributions(rng, n, k), Logits: normals(rng, n, k)}
			if rng.IntN(4) == 0 {
				in.PStar[0] = make([]float64, k)
				in.PStar[0][rng.IntN(k)] = 1
			}
			return in
		},
		check: func(c *Comparison, in klLogitsIn, out klSplit) {
			checkSplit(c, in.PX, in.PStar, softmaxRows(in.Logits), out)
			gradient := make([][]float64, len(in.PX))
			for i := range gradient {
				z := append([]float64(nil), in.Logits[i]...)
				gradient[i] = gradientOf(func() float64 {
					ce, p := 0.0, softmaxRows([][]float64{z})[0]
					for y, t := range in.PStar[i] {
						ce -= in.PX[i] * t * math.Log(p[y])
					}
					return ce
				}, z)
			}
			c.matrix("grad_logits", out.GradLogits, gradient, 1e-9)
		},
	})
}

type klProbsIn struct {
	PX    []float64   `json:"p_x"`
	PStar [][]float64 `json:"p_star"`
	P     [][]float64 `json:"p"`
}

func klExpectedProbs() Operation {
	return operation(definition[klProbsIn, klSplit]{
		name:   "expected_kl_probs",
		method: "sums over the definition",
		solve: func(in klProbsIn) (out klSplit, err error) {
			target, err := losses.ProbsOf(in.PStar)
			if err != nil {
				return out, err
			}
			p, err := losses.ProbsOf(in.P)
			if err != nil {
				return out, err
			}
			return expectSplit(in.PX, target, p.LogProbs())
		},
		draw: func(rng *rand.Rand) klProbsIn {
			n, k := 1+rng.IntN(3), 2+rng.IntN(3)
			return klProbsIn{PX: distribution(rng, n), PStar: distributions(rng, n, k), P: distributions(rng, n, k)}
		},
		check: func(c *Comparison, in klProbsIn, out klSplit) { checkSplit(c, in.PX, in.PStar, in.P, out) },
	})
}

type klPreciseIn struct {
	PStar  []float64 `json:"p_star"`
	Logits []float64 `json:"logits" infinite:"yes"`
}

type klPreciseOut struct {
	KL float64 `json:"kl"`
}

func klPrecise() Operation {
	return operation(definition[klPreciseIn, klPreciseOut]{
		name:   "kl_logits_precise",
		method: "the cumulants of the difference",
		solve: func(in klPreciseIn) (out klPreciseOut, err error) {
			target, err := losses.ProbsOf([][]float64{in.PStar})
			if err != nil {
				return out, err
			}
			z, err := losses.LogitsOf([][]float64{in.Logits})
			if err != nil {
				return out, err
			}
			kl, err := losses.KLDivergences(target, z.LogProbs())
			if err != nil {
				return out, err
			}
			out.KL = kl[0]
			return out, nil
		},
		draw: func(rng *rand.Rand) klPreciseIn {
			k := 2 + rng.IntN(4)
			in := klPreciseIn{PStar: distribution(rng, k), Logits: make([]float64, k)}
			for y, p := range in.PStar {
				in.Logits[y] = math.Log(p) + 1e-4*rng.NormFloat64()
			}
			return in
		},
		check: func(c *Comparison, in klPreciseIn, out klPreciseOut) {
			// KL = log E e^d − E d, with d the log-ratio: the cumulants of d from
			// the second on, each over its factorial. The fifth is below 1e-10 of it.
			mean := 0.0
			for y, p := range in.PStar {
				mean += p * (in.Logits[y] - math.Log(p))
			}
			m2, m3, m4 := 0.0, 0.0, 0.0
			for y, p := range in.PStar {
				d := in.Logits[y] - math.Log(p) - mean
				m2, m3, m4 = m2+p*d*d, m3+p*d*d*d, m4+p*d*d*d*d
			}
			want := m2/2 + m3/6 + (m4-3*m2*m2)/24
			c.add("kl", math.Abs(out.KL-want)/want, 1e-6)
		},
	})
}
