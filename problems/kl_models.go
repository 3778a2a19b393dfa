package problems

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/losses"
)

type klEmpiricalIn struct {
	Logits    [][]float64 `json:"logits" infinite:"yes"`
	Labels    []int       `json:"labels"`
	Smoothing float64     `json:"smoothing"`
}

type klEmpiricalOut struct {
	NLL        float64     `json:"nll"`
	GradLogits [][]float64 `json:"grad_logits"`
	KL         float64     `json:"kl_to_targets"`
}

func klEmpirical() Operation {
	return operation(definition[klEmpiricalIn, klEmpiricalOut]{
		name:   "empirical_nll",
		method: "sums over the definition; differences for the gradient",
		solve: func(in klEmpiricalIn) (out klEmpiricalOut, err error) {
			z, err := losses.LogitsOf(in.Logits)
			if err != nil {
				return out, err
			}
			if err := wantLength("labels", in.Labels, z.Rows(), "one for each row of logits"); err != nil {
				return out, err
			}
			target, err := losses.OneHot(in.Labels, z.Classes)
			if err != nil {
				return out, err
			}
			e, err := losses.Targets{Probs: target, Smoothing: in.Smoothing}.Evaluate(z)
			if err != nil {
				return out, err
			}
			return klEmpiricalOut{NLL: e.Mean, GradLogits: e.Gradient.Lists(), KL: e.KL}, nil
		},
		draw: func(rng *rand.Rand) klEmpiricalIn {
			n, k := 1+rng.IntN(4), 2+rng.IntN(3)
			in := klEmpiricalIn{Logits: normals(rng, n, k), Labels: make([]int, n)}
			for i := range in.Labels {
				in.Labels[i] = rng.IntN(k)
			}
			if rng.IntN(2) == 0 {
				in.Smoothing = between(rng, 0, 1)
			}
			return in
		},
		check: func(c *Comparison, in klEmpiricalIn, out klEmpiricalOut) {
			nll, kl := 0.0, 0.0
			n, k := float64(len(in.Logits)), float64(len(in.Logits[0]))
			gradient := make([][]float64, len(in.Logits))
			for i := range in.Logits {
				z := slices.Clone(in.Logits[i])
				entropy := 0.0
				loss := func() float64 {
					ce, p := 0.0, softmaxRows([][]float64{z})[0]
					entropy = 0
					for y := range p {
						t := in.Smoothing / k
						if y == in.Labels[i] {
							t += 1 - in.Smoothing
						}
						ce -= t * math.Log(p[y]) / n
						if t > 0 {
							entropy -= t * math.Log(t) / n
						}
					}
					return ce
				}
				ce := loss()
				nll, kl = nll+ce, kl+ce-entropy
				gradient[i] = gradientOf(loss, z)
			}
			c.near("nll", out.NLL, nll, 1e-12)
			c.near("kl_to_targets", out.KL, kl, 1e-12)
			c.matrix("grad_logits", out.GradLogits, gradient, 1e-9)
		},
	})
}

type klFamilyIn struct {
	PX         []float64     `json:"p_x"`
	PStar      [][]float64   `json:"p_star"`
	Candidates [][][]float64 `json:"candidates" infinite:"yes"`
}

type klFamilyOut struct {
	ExpectedKL []float64 `json:"expected_kl"`
	ExpectedCE []float64 `json:"expected_ce"`
	Argmin     int       `json:"argmin"`
	Gap        float64   `json:"gap"`
}

func klFamily() Operation {
	return operation(definition[klFamilyIn, klFamilyOut]{
		name:   "argmin_family",
		method: "enumeration",
		solve: func(in klFamilyIn) (out klFamilyOut, err error) {
			target, err := losses.ProbsOf(in.PStar)
			if err != nil {
				return out, err
			}
			if err := wantLength("p_x", in.PX, target.Rows(), "one for each row of p_star"); err != nil {
				return out, err
			}
			if len(in.Candidates) == 0 {
				return out, invalid("candidates is empty: want at least one")
			}
			models := make([]losses.LogProbs, len(in.Candidates))
			for i, logits := range in.Candidates {
				z, err := losses.LogitsOf(logits)
				if err != nil {
					return out, err
				}
				models[i] = z.LogProbs()
			}
			f, err := losses.ArgminFamily(in.PX, target, models)
			if err != nil {
				return out, err
			}
			return klFamilyOut{f.ExpectedKL, f.ExpectedCrossEntropy, f.Best, f.Gap}, nil
		},
		draw: func(rng *rand.Rand) klFamilyIn {
			n, k := 1+rng.IntN(3), 2+rng.IntN(3)
			in := klFamilyIn{PX: distribution(rng, n), PStar: distributions(rng, n, k), Candidates: make([][][]float64, 2+rng.IntN(4))}
			for i := range in.Candidates {
				in.Candidates[i] = normals(rng, n, k)
			}
			return in
		},
		check: func(c *Comparison, in klFamilyIn, out klFamilyOut) {
			entropy, best := 0.0, 0
			ces := make([]float64, len(in.Candidates))
			for m, logits := range in.Candidates {
				p := softmaxRows(logits)
				entropy = 0
				for i, row := range in.PStar {
					for y, t := range row {
						ces[m] -= in.PX[i] * t * math.Log(p[i][y])
						entropy -= in.PX[i] * t * math.Log(t)
					}
				}
				if ces[m] < ces[best] {
					best = m
				}
			}
			c.vector("expected_ce", out.ExpectedCE, ces, 1e-12)
			for m := range ces {
				ces[m] -= entropy
			}
			c.vector("expected_kl", out.ExpectedKL, ces, 1e-12)
			c.demand("argmin", out.Argmin == best)
			c.near("gap", out.Gap, entropy, 1e-12)
		},
	})
}

type klWeightedIn struct {
	PStar   []float64 `json:"p_star"`
	Weights []float64 `json:"weights"`
}

type klWeightedOut struct {
	P []float64 `json:"p"`
}

func klWeighted() Operation {
	return operation(definition[klWeightedIn, klWeightedOut]{
		name:   "weighted_ce_minimiser",
		method: "the condition of Lagrange",
		solve: func(in klWeightedIn) (out klWeightedOut, err error) {
			if err := sameLength("p_star", in.PStar, "weights", in.Weights); err != nil {
				return out, err
			}
			out.P, err = losses.WeightedMinimiser(in.PStar, in.Weights)
			return out, err
		},
		draw: func(rng *rand.Rand) klWeightedIn {
			k := 2 + rng.IntN(4)
			return klWeightedIn{PStar: distribution(rng, k), Weights: uniform(rng, k, 0.1, 3)}
		},
		check: func(c *Comparison, in klWeightedIn, out klWeightedOut) {
			if len(out.P) != len(in.PStar) {
				c.demand("p", false)
				return
			}
			sum := 0.0
			for y, p := range out.P {
				sum += p
				// The slopes of Σ w p* log p agree wherever mass can be moved.
				c.near("p", in.Weights[y]*in.PStar[y]*out.P[0], in.Weights[0]*in.PStar[0]*p, 1e-12)
			}
			c.near("p", sum, 1, 1e-12)
		},
	})
}

type klGaussianIn struct {
	MeanStar float64 `json:"mean_star"`
	StdStar  float64 `json:"std_star"`
	Mean     float64 `json:"mean"`
	Std      float64 `json:"std"`
}

type klGaussianOut struct {
	KL      float64 `json:"kl"`
	CE      float64 `json:"ce"`
	Entropy float64 `json:"entropy"`
}

func klGaussian() Operation {
	return operation(definition[klGaussianIn, klGaussianOut]{
		name:   "gaussian",
		method: "quadrature",
		solve: func(in klGaussianIn) (out klGaussianOut, err error) {
			s, err := losses.ExpectGaussian(losses.Gaussian{Mean: []float64{in.MeanStar}, Std: []float64{in.StdStar}},
				losses.Gaussian{Mean: []float64{in.Mean}, Std: []float64{in.Std}})
			if err != nil {
				return out, err
			}
			return klGaussianOut{s.KL, s.CrossEntropy, s.Entropy}, nil
		},
		draw: func(rng *rand.Rand) klGaussianIn {
			v := normal(rng, 2)
			return klGaussianIn{MeanStar: v[0], StdStar: between(rng, 0.05, 2), Mean: v[1], Std: between(rng, 0.3, 2)}
		},
		check: func(c *Comparison, in klGaussianIn, out klGaussianOut) {
			logDensity := func(x, mean, std float64) float64 {
				t := (x - mean) / std
				return -t*t/2 - math.Log(std*math.Sqrt(2*math.Pi))
			}
			// The trapezoid rule is exact to rounding for a density that has
			// vanished at both ends.
			const h = 0.1
			ce, entropy := 0.0, 0.0
			for i := -120; i <= 120; i++ {
				x := in.MeanStar + in.StdStar*h*float64(i)
				own := logDensity(x, in.MeanStar, in.StdStar)
				weight := h * in.StdStar * math.Exp(own)
				entropy -= weight * own
				ce -= weight * logDensity(x, in.Mean, in.Std)
			}
			c.near("entropy", out.Entropy, entropy, 1e-11)
			c.near("ce", out.CE, ce, 1e-11)
			c.near("kl", out.KL, ce-entropy, 1e-11)
		},
	})
}
