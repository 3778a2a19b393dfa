package problems

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/shift"
)

type reweightIn struct {
	Posterior   [][]float64 `json:"posterior"`
	TrainPrior  []float64   `json:"train_prior"`
	TargetPrior []float64   `json:"target_prior"`
	Normalised  bool        `json:"priors_normalised"`
}

type reweightOut struct {
	Posterior    [][]float64 `json:"posterior"`
	Decision     []int       `json:"decision"`
	DensityRatio []float64   `json:"density_ratio,omitempty"`
}

// posteriors checks the shapes that all of these operations share.
func posteriors(rows [][]float64, priors map[string][]float64) (losses.Probs, error) {
	p, err := losses.ProbsOf(rows)
	if err != nil {
		return p, err
	}
	for name, prior := range priors {
		if err := wantLength(name, prior, p.Classes, "one for each class"); err != nil {
			return p, err
		}
	}
	return p, nil
}

func shiftReweight() Operation {
	return operation(definition[reweightIn, reweightOut]{
		name:   "reweight",
		method: "ratios of the posteriors; the density ratio by enumeration",
		solve: func(in reweightIn) (out reweightOut, err error) {
			p, err := posteriors(in.Posterior, map[string][]float64{"train_prior": in.TrainPrior, "target_prior": in.TargetPrior})
			if err != nil {
				return out, err
			}
			r, err := shift.Reweight(p, in.TrainPrior, in.TargetPrior)
			if err != nil {
				return out, err
			}
			out.Posterior, out.Decision = r.Posterior.Lists(), r.Decisions
			if in.Normalised {
				if r.DensityRatio == nil {
					return out, domain.Errorf(domain.InvalidDistribution, "the priors do not sum to 1, though priors_normalised is true")
				}
				out.DensityRatio = r.DensityRatio
			}
			return out, nil
		},
		draw: func(rng *rand.Rand) reweightIn {
			n, k := 1+rng.IntN(3), 2+rng.IntN(3)
			in := reweightIn{Posterior: distributions(rng, n, k), TrainPrior: distribution(rng, k), TargetPrior: distribution(rng, k), Normalised: true}
			if rng.IntN(4) == 0 {
				in.Normalised = false
				in.TrainPrior = uniform(rng, k, 1, 9)
			}
			return in
		},
		check: func(c *Comparison, in reweightIn, out reweightOut) {
			ratios := make([]float64, len(in.Posterior))
			for i, p := range in.Posterior {
				checkReweighted(c, p, in.TrainPrior, in.TargetPrior, out.Posterior[i], out.Decision[i])
				for y := range p {
					ratios[i] += p[y] * in.TargetPrior[y] / in.TrainPrior[y]
				}
			}
			if in.Normalised {
				c.vector("density_ratio", out.DensityRatio, ratios, 1e-12)
			}
		},
	})
}

// checkReweighted asks that the odds of any class to class 0 changed by the
// ratio of their weights, that the posterior sums to 1, and that the decision
// is most probable.
func checkReweighted(c *Comparison, p, train, target, got []float64, decision int) {
	sum := 0.0
	for y := range p {
		c.near("posterior", got[y]*p[0]*target[0]*train[y], got[0]*p[y]*target[y]*train[0], 1e-13)
		sum += got[y]
	}
	c.demand("decision", decision == argmax(got))
	c.near("posterior", sum, 1, 1e-12)
}

type reweightLogitsIn struct {
	Logits      [][]float64 `json:"logits" infinite:"yes"`
	TrainPrior  []float64   `json:"train_prior"`
	TargetPrior []float64   `json:"target_prior"`
}

type reweightLogitsOut struct {
	LogPosterior [][]float64 `json:"log_posterior"`
	Decision     []int       `json:"decision"`
}

func shiftReweightLogits() Operation {
	return operation(definition[reweightLogitsIn, reweightLogitsOut]{
		name:   "reweight_logits",
		method: "ratios of the posteriors",
		solve: func(in reweightLogitsIn) (out reweightLogitsOut, err error) {
			z, err := losses.LogitsOf(in.Logits)
			if err != nil {
				return out, err
			}
			if err := first(wantLength("train_prior", in.TrainPrior, z.Classes, "one for each class"), wantLength("target_prior", in.TargetPrior, z.Classes, "one for each class")); err != nil {
				return out, err
			}
			l, err := shift.ReweightLogits(z, in.TrainPrior, in.TargetPrior)
			if err != nil {
				return out, err
			}
			return reweightLogitsOut{l.Lists(), l.Argmax()}, nil
		},
		draw: func(rng *rand.Rand) reweightLogitsIn {
			n, k := 1+rng.IntN(3), 2+rng.IntN(3)
			return reweightLogitsIn{Logits: normals(rng, n, k), TrainPrior: distribution(rng, k), TargetPrior: distribution(rng, k)}
		},
		check: func(c *Comparison, in reweightLogitsIn, out reweightLogitsOut) {
			for i, p := range softmaxRows(in.Logits) {
				z := 0.0
				for y := range p {
					z += p[y] * in.TargetPrior[y] / in.TrainPrior[y]
				}
				for y := range p {
					c.near("log_posterior", out.LogPosterior[i][y], math.Log(p[y]*in.TargetPrior[y]/in.TrainPrior[y]/z), 1e-12)
				}
				c.demand("decision", out.Decision[i] == argmax(out.LogPosterior[i]))
			}
		},
	})
}

type thresholdIn struct {
	Train  float64 `json:"train_prior_1"`
	Target float64 `json:"target_prior_1"`
}

type thresholdOut struct {
	Threshold float64 `json:"threshold"`
}

func shiftThreshold() Operation {
	return operation(definition[thresholdIn, thresholdOut]{
		name:   "binary_threshold",
		method: "equal scores of both classes at the threshold",
		solve: func(in thresholdIn) (out thresholdOut, err error) {
			out.Threshold, err = shift.Threshold(in.Train, in.Target)
			return out, err
		},
		draw: func(rng *rand.Rand) thresholdIn {
			return thresholdIn{between(rng, 0.01, 0.99), between(rng, 0.01, 0.99)}
		},
		check: func(c *Comparison, in thresholdIn, out thresholdOut) {
			t := out.Threshold
			c.near("threshold", t*in.Target*(1-in.Train), (1-t)*(1-in.Target)*in.Train, 1e-13)
		},
	})
}

type decisionIn struct {
	Posterior   [][]float64 `json:"posterior"`
	TrainPrior  []float64   `json:"train_prior"`
	TargetPrior []float64   `json:"target_prior"`
	Cost        [][]float64 `json:"cost" infinite:"yes"`
}

type decisionOut struct {
	Risk     [][]float64 `json:"risk"`
	Decision []int       `json:"decision"`
}

func shiftDecision() Operation {
	return operation(definition[decisionIn, decisionOut]{
		name:   "bayes_decision",
		method: "enumeration",
		solve: func(in decisionIn) (out decisionOut, err error) {
			p, err := posteriors(in.Posterior, map[string][]float64{"train_prior": in.TrainPrior, "target_prior": in.TargetPrior})
			if err != nil {
				return out, err
			}
			r, err := shift.Reweight(p, in.TrainPrior, in.TargetPrior)
			if err != nil {
				return out, err
			}
			d, err := shift.Cost(in.Cost).Decide(r.Posterior)
			if err != nil {
				return out, err
			}
			return decisionOut{d.Risk, d.Decisions}, nil
		},
		draw: func(rng *rand.Rand) decisionIn {
			n, k := 1+rng.IntN(3), 2+rng.IntN(3)
			in := decisionIn{Posterior: distributions(rng, n, k), TrainPrior: distribution(rng, k), TargetPrior: distribution(rng, k), Cost: make([][]float64, 1+rng.IntN(k+1))}
			for d := range in.Cost {
				in.Cost[d] = uniform(rng, k, 0, 5)
			}
			return in
		},
		check: func(c *Comparison, in decisionIn, out decisionOut) {
			for i, p := range in.Posterior {
				z := 0.0
				for y := range p {
					z += p[y] * in.TargetPrior[y] / in.TrainPrior[y]
				}
				best := 0
				risk := make([]float64, len(in.Cost))
				for d, cost := range in.Cost {
					for y := range p {
						risk[d] += cost[y] * p[y] * in.TargetPrior[y] / in.TrainPrior[y] / z
					}
					if risk[d] < risk[best] {
						best = d
					}
				}
				c.vector("risk", out.Risk[i], risk, 1e-12)
				c.demand("decision", out.Decision[i] == best)
			}
		},
	})
}
