package problems

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/shift"
)

type emPriorsIn struct {
	Posterior  [][]float64 `json:"posterior"`
	TrainPrior []float64   `json:"train_prior"`
	Init       []float64   `json:"init"`
	Iterations int         `json:"iterations"`
}

type emPriorsOut struct {
	Priors       [][]float64 `json:"priors"`
	MeanLogRatio []float64   `json:"mean_log_ratio"`
}

// emMap returns L̄ and G at a prior, by their definitions.
func emMap(posterior [][]float64, train, prior []float64) (logRatio float64, g []float64) {
	g = make([]float64, len(prior))
	n := float64(len(posterior))
	for _, p := range posterior {
		sum := 0.0
		for k := range p {
			sum += prior[k] * p[k] / train[k]
		}
		logRatio += math.Log(sum) / n
		for k := range p {
			g[k] += p[k] / train[k] / sum / n
		}
	}
	return logRatio, g
}

func drawPosteriors(rng *rand.Rand) (posterior [][]float64, train, init []float64) {
	k := 2 + rng.IntN(2)
	return distributions(rng, 3+rng.IntN(5), k), distribution(rng, k), distribution(rng, k)
}

func shiftEM() Operation {
	return operation(definition[emPriorsIn, emPriorsOut]{
		name:   "em",
		method: "the recursion in plain loops",
		solve: func(in emPriorsIn) (out emPriorsOut, err error) {
			p, err := posteriors(in.Posterior, map[string][]float64{"train_prior": in.TrainPrior, "init": in.Init})
			if err := first(err, wantSteps("iterations", in.Iterations, len(in.Init))); err != nil {
				return out, err
			}
			e, err := shift.EM(p, in.TrainPrior, in.Init, in.Iterations)
			if err != nil {
				return out, err
			}
			return emPriorsOut{e.Priors, e.MeanLogRatio}, nil
		},
		draw: func(rng *rand.Rand) (in emPriorsIn) {
			in.Posterior, in.TrainPrior, in.Init = drawPosteriors(rng)
			in.Iterations = 1 + rng.IntN(5)
			return in
		},
		check: func(c *Comparison, in emPriorsIn, out emPriorsOut) {
			prior := slices.Clone(in.Init)
			var priors [][]float64
			var ratios []float64
			for range in.Iterations + 1 {
				ratio, g := emMap(in.Posterior, in.TrainPrior, prior)
				priors, ratios = append(priors, slices.Clone(prior)), append(ratios, ratio)
				for k := range prior {
					prior[k] *= g[k]
				}
			}
			c.matrix("priors", out.Priors, priors, 1e-12)
			c.vector("mean_log_ratio", out.MeanLogRatio, ratios, 1e-12)
		},
	})
}

type convergedIn struct {
	Posterior  [][]float64 `json:"posterior"`
	TrainPrior []float64   `json:"train_prior"`
	Init       []float64   `json:"init"`
}

type convergedOut struct {
	Prior        []float64 `json:"prior"`
	MeanLogRatio float64   `json:"mean_log_ratio"`
	KKT          []float64 `json:"kkt"`
}

func shiftConverged() Operation {
	return operation(definition[convergedIn, convergedOut]{
		name:   "em_converged",
		method: "the conditions of optimality of a concave function",
		solve: func(in convergedIn) (out convergedOut, err error) {
			p, err := posteriors(in.Posterior, map[string][]float64{"train_prior": in.TrainPrior, "init": in.Init})
			if err != nil {
				return out, err
			}
			m, err := shift.MaximumLikelihood(p, in.TrainPrior, in.Init, 1e-12)
			if err != nil {
				return out, err
			}
			return convergedOut{m.Prior, m.MeanLogRatio, m.KKT}, nil
		},
		draw: func(rng *rand.Rand) (in convergedIn) {
			in.Posterior, in.TrainPrior, in.Init = drawPosteriors(rng)
			return in
		},
		check: func(c *Comparison, in convergedIn, out convergedOut) {
			if len(out.Prior) != len(in.Init) {
				c.demand("prior", false)
				return
			}
			ratio, g := emMap(in.Posterior, in.TrainPrior, out.Prior)
			c.near("mean_log_ratio", out.MeanLogRatio, ratio, 1e-12)
			c.vector("kkt", out.KKT, g, 1e-9)
			sum := 0.0
			for k, p := range out.Prior {
				sum += p
				c.demand("prior", p >= 0)
				c.atMost("prior", g[k], 1, 1e-9)
				c.add("prior", math.Abs(p*(g[k]-1)), 1e-9)
			}
			c.near("prior", sum, 1, 1e-12)
		},
	})
}

type bbseIn struct {
	Confusion  [][]float64 `json:"confusion"`
	TargetPred []float64   `json:"target_pred"`
}

type bbseOut struct {
	Weights []float64 `json:"weights"`
	Prior   []float64 `json:"prior"`
	Clipped []float64 `json:"prior_clipped"`
}

func shiftBBSE() Operation {
	return operation(definition[bbseIn, bbseOut]{
		name:   "bbse",
		method: "the equations, put back in",
		solve: func(in bbseIn) (out bbseOut, err error) {
			k := len(in.TargetPred)
			if err := wantMatrix("confusion", in.Confusion, k, k); err != nil {
				return out, err
			}
			b, err := shift.BBSE(&shift.Confusion{Joint: in.Confusion}, in.TargetPred)
			if err != nil {
				return out, err
			}
			return bbseOut{b.Weights, b.Prior, b.Clipped}, nil
		},
		draw: func(rng *rand.Rand) bbseIn {
			k := 2 + rng.IntN(2)
			in := bbseIn{Confusion: distributions(rng, k, k), TargetPred: distribution(rng, k)}
			for i, row := range in.Confusion {
				row[i] += float64(k)
				for j := range row {
					row[j] /= float64(k * (k + 1))
				}
			}
			return in
		},
		check: func(c *Comparison, in bbseIn, out bbseOut) {
			if len(out.Weights) != len(in.TargetPred) || len(out.Prior) != len(out.Weights) {
				c.demand("weights", false)
				return
			}
			predicted := make([]float64, len(in.TargetPred))
			total := 0.0
			for j, w := range out.Weights {
				column := 0.0
				for i := range predicted {
					predicted[i] += in.Confusion[i][j] * w
					column += in.Confusion[i][j]
				}
				c.near("prior", out.Prior[j], w*column, 1e-12)
				total += max(0, w*column)
			}
			c.vector("weights", predicted, in.TargetPred, 1e-12)
			for j, p := range out.Clipped {
				c.near("prior_clipped", p*total, max(0, out.Prior[j]), 1e-12)
			}
		},
	})
}
