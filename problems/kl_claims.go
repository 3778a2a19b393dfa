package problems

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/losses"
)

func klClaims() []Claim {
	// sums returns Σ t·log t, −Σ t·log p and Σ t².
	sums := func(at Instance) (inner, cross, squares float64) {
		p := at["p"].([]float64)
		for k, t := range at["t"].([]float64) {
			inner += t * math.Log(t)
			cross -= t * math.Log(p[k])
			squares += t * t
		}
		return inner, cross, squares
	}
	return []Claim{
		{
			Line: "(16)", Says: "the divergence is the expectation under p* of log p*/p, and not negative", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				at := drawPair(rng, size)
				inner, cross, _ := sums(at)
				kl := targetSplit(at).KL[0]
				return kl >= 0 && agree(kl, inner+cross), fmt.Sprintf("%s: %v and %v", show(at, klVariables()), kl, inner+cross)
			},
		},
		{
			Line: "(17), as printed", Says: "the divergence is Σ p*·p* and the cross-entropy", Right: false,
			Instead: "the first term is Σ p*·log p*, minus the entropy",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				at := drawPair(rng, size)
				_, cross, squares := sums(at)
				kl := targetSplit(at).KL[0]
				return agree(kl, squares+cross), fmt.Sprintf("%s: the line gives %.6g, the divergence is %.6g", show(at, klVariables()), squares+cross, kl)
			},
		},
		{
			Line: "(17), its braces", Says: "what the cross-entropy leaves of the divergence does not depend on the model", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				at := drawPair(rng, size)
				one := targetSplit(at)
				before := one.KL[0] - one.CrossEntropy[0]
				at["p"] = distribution(rng, len(at["p"].([]float64)))
				other := targetSplit(at)
				after := other.KL[0] - other.CrossEntropy[0]
				return agree(before, after), fmt.Sprintf("%s: %v and %v", show(at, klVariables()), before, after)
			},
		},
		{
			Line: "the last line", Says: "among any models of classes, the one of least divergence is the one of least cross-entropy", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				at := drawPair(rng, size)
				bestKL, bestCE, leastKL, leastCE := 0, 0, math.Inf(1), math.Inf(1)
				for m := range 5 {
					at["p"] = distribution(rng, len(at["p"].([]float64)))
					s := targetSplit(at)
					if s.KL[0] < leastKL {
						bestKL, leastKL = m, s.KL[0]
					}
					if s.CrossEntropy[0] < leastCE {
						bestCE, leastCE = m, s.CrossEntropy[0]
					}
				}
				return bestKL == bestCE, fmt.Sprintf("model %d has the least divergence, model %d the least cross-entropy", bestKL+1, bestCE+1)
			},
		},
		{
			Line: "the last line, read for minima", Says: "both objectives have the same least value", Right: false,
			Instead: "the same minimiser; the least cross-entropy is the entropy of p*, the least divergence is 0",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				at := drawPair(rng, size)
				at["p"] = at["t"]
				s := targetSplit(at)
				return agree(s.KL[0], s.CrossEntropy[0]), fmt.Sprintf("p = t = %v: the divergence is 0, the cross-entropy %.6g", at["t"], s.CrossEntropy[0])
			},
		},
		{
			Line: "the integrals", Says: "for real y, too, the divergence tells models apart wherever the cross-entropy does", Right: false,
			Instead: "if the entropy is finite: where x determines y it is −∞, and every density has divergence +∞",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				mean, std := nice(rng, size), float64(rng.IntN(2))
				target := losses.Gaussian{Mean: []float64{mean}, Std: []float64{std}}
				var found [2]*losses.GaussianSplit
				for i := range found {
					var err error
					if found[i], err = losses.ExpectGaussian(target, losses.Gaussian{Mean: []float64{mean + float64(i)}, Std: []float64{1}}); err != nil {
						return false, err.Error()
					}
				}
				apart := found[0].KL != found[1].KL
				return apart, fmt.Sprintf("y = %v for sure: the normal distributions of deviation 1 around %v and %v have cross-entropies %.4g and %.4g, and both have divergence %v",
					mean, mean, mean+1, found[0].CrossEntropy, found[1].CrossEntropy, found[0].KL)
			},
		},
	}
}
