package losses

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
)

// Family compares the models of a family against one target.
type Family struct {
	ExpectedKL, ExpectedCrossEntropy []float64 // of each model
	Best                             int       // the lowest model of least cross-entropy
	Gap                              float64   // CE − KL, the same for every model: the expected entropy
}

// ArgminFamily evaluates the expected KL divergence and the expected
// cross-entropy of each model. Both have the same minimiser: they differ by
// the constant Gap. Models of infinite divergence are kept and never best
// while a finite one exists. Source: docs/kl-cross-entropy.md.
func ArgminFamily(weights []float64, target Probs, models []LogProbs) (*Family, error) {
	if len(models) == 0 {
		return nil, domain.Errorf(domain.ShapeMismatch, "an empty family: want at least one model")
	}
	f := &Family{}
	for c, model := range models {
		s, err := Expect(weights, target, model)
		if err != nil {
			return nil, err
		}
		f.ExpectedKL = append(f.ExpectedKL, s.ExpectedKL)
		f.ExpectedCrossEntropy = append(f.ExpectedCrossEntropy, s.ExpectedCrossEntropy)
		f.Gap = s.ExpectedEntropy
		if s.ExpectedCrossEntropy < f.ExpectedCrossEntropy[f.Best] {
			f.Best = c
		}
	}
	return f, nil
}

// WeightedMinimiser returns the distribution that minimises the class-weighted
// cross-entropy −Σ_y w_y p*_y log p_y, which is p_y = w_y p*_y / Σ_j w_j p*_j
// and not p*: class weights shift the prior. The weights are ≥ 0 and finite.
// It returns a zero_normaliser if they leave no mass.
func WeightedMinimiser(target, classWeights []float64) ([]float64, error) {
	if len(target) != len(classWeights) {
		return nil, domain.Errorf(domain.ShapeMismatch, "%d class weights for %d classes: want one for each", len(classWeights), len(target))
	}
	if err := checkDistribution(target); err != nil {
		return nil, err
	}
	if err := checkWeights("class weight", classWeights, len(target)); err != nil {
		return nil, err
	}
	p := make([]float64, len(target))
	largest := maximum(classWeights)
	if largest == 0 {
		return nil, domain.Errorf(domain.ZeroNormaliser, "all class weights are 0: want one > 0")
	}
	var sum float64
	for k, w := range classWeights {
		p[k] = w / largest * target[k]
		sum += p[k]
	}
	if sum == 0 {
		return nil, domain.Errorf(domain.ZeroNormaliser, "every class that the target holds possible has weight 0")
	}
	for k := range p {
		p[k] /= sum
	}
	return p, nil
}

// checkWeights wants n weights ≥ 0 and finite; nil stands for all ones.
func checkWeights(name string, weights []float64, n int) error {
	if weights != nil && len(weights) != n {
		return domain.Errorf(domain.ShapeMismatch, "%d %ss: want %d", len(weights), name, n)
	}
	for k, w := range weights {
		if !(w >= 0) || math.IsInf(w, 0) {
			return domain.Errorf(domain.InvalidParameter, "%s %d is %v: want it finite and ≥ 0", name, k, w)
		}
	}
	return nil
}
