package problems

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/vae"
)

type densityIn struct {
	X     []float64 `json:"x"`
	Mu    []float64 `json:"mu"`
	Sigma float64   `json:"sigma"`
}

type densityOut struct {
	LogP       float64 `json:"log_p"`
	Sigma      float64 `json:"d_sigma"`
	LogSigma   float64 `json:"d_log_sigma"`
	Var        float64 `json:"d_var"`
	Precision  float64 `json:"d_precision"`
	Sigma2     float64 `json:"d2_sigma"`
	LogSigma2  float64 `json:"d2_log_sigma"`
	Var2       float64 `json:"d2_var"`
	Precision2 float64 `json:"d2_precision"`
	Convex     bool    `json:"convex_in_sigma_here"`
}

func vaeDensity() Operation {
	return operation(definition[densityIn, densityOut]{
		name:   "log_density",
		method: "the density, multiplied up; differences, twice",
		solve: func(in densityIn) (out densityOut, err error) {
			p, err := vae.LogDensity(in.X, in.Mu, in.Sigma)
			if err != nil {
				return out, err
			}
			return densityOut{p.LogP, p.Sigma, p.LogSigma, p.Variance, p.Precision, p.Sigma2, p.LogSigma2, p.Variance2, p.Precision2, p.ConvexInSigma}, nil
		},
		draw: func(rng *rand.Rand) densityIn {
			d := 1 + rng.IntN(3)
			return densityIn{normal(rng, d), normal(rng, d), between(rng, 0.5, 3)}
		},
		check: func(c *Comparison, in densityIn, out densityOut) {
			logP := func(sigma float64) float64 {
				p := 1.0
				for i, x := range in.X {
					t := (x - in.Mu[i]) / sigma
					p *= math.Exp(-t*t/2) / (sigma * math.Sqrt(2*math.Pi))
				}
				return math.Log(p)
			}
			c.near("log_p", out.LogP, logP(in.Sigma), 1e-11)
			for _, way := range []struct {
				name        string
				at          float64
				sigma       func(float64) float64
				first, then float64
			}{
				{"sigma", in.Sigma, func(s float64) float64 { return s }, out.Sigma, out.Sigma2},
				{"log_sigma", math.Log(in.Sigma), math.Exp, out.LogSigma, out.LogSigma2},
				{"var", in.Sigma * in.Sigma, math.Sqrt, out.Var, out.Var2},
				{"precision", 1 / (in.Sigma * in.Sigma), func(t float64) float64 { return 1 / math.Sqrt(t) }, out.Precision, out.Precision2},
			} {
				f := func(t float64) float64 { return logP(way.sigma(t)) }
				h := 1e-2 * min(1, way.at)
				if way.name == "log_sigma" {
					h = 1e-2
				}
				d1, d2 := derivatives(f, way.at, h)
				c.near("d_"+way.name, way.first, d1, 1e-6)
				c.near("d2_"+way.name, way.then, d2, 1e-5)
			}
			c.demand("convex_in_sigma_here", out.Convex == (out.Sigma2 > 0))
		},
	})
}

// derivatives returns the first and second derivative of f by differences of
// seven points.
func derivatives(f func(float64) float64, x, h float64) (first, second float64) {
	second = -2 * (49.0 / 36) * f(x)
	for i, w := range [][2]float64{{3.0 / 4, 3.0 / 2}, {-3.0 / 20, -3.0 / 20}, {1.0 / 60, 1.0 / 90}} {
		d := h * float64(i+1)
		left, right := f(x-d), f(x+d)
		first += w[0] * (right - left)
		second += w[1] * (right + left)
	}
	return first / h, second / (h * h)
}

type lossIn struct {
	X    [][]float64   `json:"x"`
	Mu   [][][]float64 `json:"mu"`
	Mode string        `json:"mode"`
}

type lossOut struct {
	Loss     float64       `json:"loss"`
	Grad     [][][]float64 `json:"grad_mu"`
	NegRecon float64       `json:"neg_recon"`
}

func vaeLoss() Operation {
	return operation(definition[lossIn, lossOut]{
		name:   "optimal_loss",
		method: "brute-force maximisation; differences for the gradient",
		solve: func(in lossIn) (out lossOut, err error) {
			scale := vae.Shared
			switch in.Mode {
			case "shared":
			case "per_dim":
				scale = vae.PerDimension
			default:
				return out, invalid("mode is %q: want shared or per_dim", in.Mode)
			}
			o, err := vae.OptimalLoss(in.X, in.Mu, scale)
			if err != nil {
				return out, err
			}
			return lossOut{o.Loss, o.Gradient, o.NegativeLogDensity}, nil
		},
		draw: func(rng *rand.Rand) lossIn {
			in := drawMeans(rng, false)
			for i, row := range in.X {
				for _, mu := range in.Mu[i] {
					for j, x := range row {
						if math.Abs(x-mu[j]) < 0.5 { // too small for differences
							mu[j] = x - 1
						}
					}
				}
			}
			return lossIn{in.X, in.Mu, []string{"shared", "per_dim"}[rng.IntN(2)]}
		},
		check: func(c *Comparison, in lossIn, out lossOut) {
			mu := make([][][]float64, len(in.Mu))
			for i := range mu {
				mu[i] = cloneRows(in.Mu[i])
			}
			d := len(in.X[0])
			residuals := func() []float64 {
				r := make([]float64, d)
				for i, x := range in.X {
					for _, m := range mu[i] {
						for j := range x {
							r[j] += (x[j] - m[j]) * (x[j] - m[j]) / float64(len(in.X)*len(mu[i]))
						}
					}
				}
				if in.Mode == "shared" {
					mean := 0.0
					for _, v := range r {
						mean += v / float64(d)
					}
					r = slices.Repeat([]float64{mean}, d)
				}
				return r
			}
			loss := func() float64 {
				sum := 0.0
				for _, r := range residuals() {
					sum += math.Log(r) / 2
				}
				return sum
			}
			best := 0.0
			for _, r := range residuals() {
				_, value := bestLikelihood(r)
				best -= value
			}
			c.near("loss", out.Loss, loss(), 1e-11)
			c.near("neg_recon", out.NegRecon, best, 1e-10)
			for i := range mu {
				c.matrix("grad_mu", out.Grad[i], gradientOfRows(loss, mu[i]), 1e-8)
			}
		},
	})
}
