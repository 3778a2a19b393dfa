package problems

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/vae"
)

type varianceIn struct {
	X  [][]float64   `json:"x"`
	Mu [][][]float64 `json:"mu"`
}

type varianceOut struct {
	MeanSquared      float64   `json:"mean_sq_norm"`
	Shared           float64   `json:"var_shared"`
	Sigma            float64   `json:"sigma"`
	PerDim           []float64 `json:"var_per_dim"`
	PerSample        []float64 `json:"var_per_sample"`
	ReconShared      float64   `json:"recon_shared"`
	ReconPerDim      float64   `json:"recon_per_dim"`
	ReconPerSample   float64   `json:"recon_per_sample"`
	DegenerateShared bool      `json:"degenerate_shared"`
	DegeneratePerDim bool      `json:"degenerate_per_dim"`
}

// drawMeans returns data and decoder means for each, at times perfect.
func drawMeans(rng *rand.Rand, perfect bool) varianceIn {
	batch, samples, d := 1+rng.IntN(3), 1+rng.IntN(2), 1+rng.IntN(3)
	in := varianceIn{normals(rng, batch, d), make([][][]float64, batch)}
	for i := range in.Mu {
		in.Mu[i] = normals(rng, samples, d)
		for s := range in.Mu[i] {
			if perfect {
				copy(in.Mu[i][s], in.X[i])
			}
		}
	}
	return in
}

// logLikelihood returns E log N(x; μ, v) in one dimension for a mean squared
// residual r, as it is written.
func logLikelihood(r, v float64) float64 {
	return -0.5*math.Log(2*math.Pi) - 0.5*math.Log(v) - r/(2*v)
}

// bestLikelihood maximises it over v by brute force.
func bestLikelihood(r float64) (v, value float64) {
	if r == 0 {
		return 0, math.Inf(1)
	}
	at, least := minimise(func(log float64) float64 { return -logLikelihood(r, math.Exp(log)) }, math.Log(r)-5, math.Log(r)+4, 20)
	return math.Exp(at), -least
}

func vaeVariance() Operation {
	return operation(definition[varianceIn, varianceOut]{
		name:   "optimal_variance",
		method: "brute-force maximisation",
		solve: func(in varianceIn) (out varianceOut, err error) {
			v, err := vae.OptimalVariance(in.X, in.Mu)
			if err != nil {
				return out, err
			}
			return varianceOut{
				v.MeanSquaredNorm, v.Shared, v.Sigma, v.PerDimension, v.PerExample,
				v.ReconstructionShared, v.ReconstructionPerDimension, v.ReconstructionPerExample,
				v.DegenerateShared, v.DegeneratePerDimension,
			}, nil
		},
		draw: func(rng *rand.Rand) varianceIn { return drawMeans(rng, rng.IntN(8) == 0) },
		check: func(c *Comparison, in varianceIn, out varianceOut) {
			d := len(in.X[0])
			perDim, perSample := make([]float64, d), make([]float64, len(in.X))
			n := float64(len(in.X) * len(in.Mu[0]))
			for i, x := range in.X {
				for _, mu := range in.Mu[i] {
					for j := range x {
						r := (x[j] - mu[j]) * (x[j] - mu[j])
						perDim[j] += r / n
						perSample[i] += r / float64(len(in.Mu[i])*d)
					}
				}
			}
			shared, value, valueDim, valueSample := 0.0, 0.0, 0.0, 0.0
			degenerate := false
			for _, r := range perDim {
				shared += r / float64(d)
				_, best := bestLikelihood(r)
				valueDim += best
				degenerate = degenerate || r == 0
			}
			at, best := bestLikelihood(shared)
			value = float64(d) * best
			for _, r := range perSample {
				_, best := bestLikelihood(r)
				valueSample += float64(d) * best / float64(len(perSample))
			}
			c.near("mean_sq_norm", out.MeanSquared, shared*float64(d), 1e-12)
			c.near("var_shared", out.Shared, shared, 1e-12)
			c.near("var_shared", out.Shared, at, 1e-5) // as well as brute force tells
			c.near("sigma", out.Sigma, math.Sqrt(shared), 1e-12)
			c.vector("var_per_dim", out.PerDim, perDim, 1e-12)
			c.vector("var_per_sample", out.PerSample, perSample, 1e-12)
			c.near("recon_shared", out.ReconShared, value, 1e-10)
			c.near("recon_per_dim", out.ReconPerDim, valueDim, 1e-10)
			c.near("recon_per_sample", out.ReconPerSample, valueSample, 1e-10)
			c.demand("degenerate_shared", out.DegenerateShared == (shared == 0))
			c.demand("degenerate_per_dim", out.DegeneratePerDim == degenerate)
		},
	})
}

type clampedIn struct {
	MeanSquared float64 `json:"mean_sq_norm"`
	D           int     `json:"d"`
	Min         float64 `json:"var_min"`
	Max         float64 `json:"var_max" infinite:"yes"`
}

type clampedOut struct {
	Var   float64 `json:"var"`
	Recon float64 `json:"recon"`
}

func vaeClamped() Operation {
	return operation(definition[clampedIn, clampedOut]{
		name:   "clamped_variance",
		method: "brute-force maximisation",
		solve: func(in clampedIn) (out clampedOut, err error) {
			v, err := vae.ClampedVariance(in.MeanSquared, in.D, in.Min, in.Max)
			if err != nil {
				return out, err
			}
			return clampedOut{v.Variance, v.Reconstruction}, nil
		},
		draw: func(rng *rand.Rand) clampedIn {
			in := clampedIn{MeanSquared: between(rng, 0, 6), D: 1 + rng.IntN(5), Min: between(rng, 0.05, 1)}
			in.Max = in.Min + between(rng, 0, 3)
			return in
		},
		check: func(c *Comparison, in clampedIn, out clampedOut) {
			value := func(v float64) float64 { return float64(in.D) * logLikelihood(in.MeanSquared/float64(in.D), v) }
			_, least := minimise(func(v float64) float64 { return -value(v) }, in.Min, in.Max, 50)
			c.near("recon", out.Recon, -least, 1e-10)
			c.near("var", value(out.Var), -least, 1e-10)
			c.demand("var", in.Min <= out.Var && out.Var <= in.Max)
		},
	})
}
