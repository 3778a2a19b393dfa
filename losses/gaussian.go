package losses

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
)

// Gaussian is a normal distribution of independent coordinates.
type Gaussian struct {
	Mean, Std []float64 // one of each per coordinate; Std ≥ 0
}

// GaussianSplit is the identity KL = CE − H for densities. H, and with it CE,
// is differential and may be negative; KL may not.
type GaussianSplit struct{ KL, CrossEntropy, Entropy float64 }

// ExpectGaussian returns the split of a Gaussian target p* and model p, summed
// over the coordinates:
//
//	KL = log(s/s*) + (s*² + (m*−m)²)/(2s²) − 1/2
//	CE = log(2πs²)/2 + (s*² + (m*−m)²)/(2s²)
//	H  = log(2πe·s*²)/2
//
// in nats. A target of deviation 0 has H = −Inf and KL = +Inf while CE is
// finite: the model can still be fitted by CE. A model of deviation 0 has no
// density and is an invalid_parameter. KL keeps its digits near 0.
// Source: docs/kl-cross-entropy.md.
func ExpectGaussian(target, model Gaussian) (*GaussianSplit, error) {
	for _, g := range []Gaussian{target, model} {
		if err := g.check(len(target.Mean)); err != nil {
			return nil, err
		}
	}
	s := &GaussianSplit{}
	for i, ms := range target.Mean {
		ss, m, sd := target.Std[i], model.Mean[i], model.Std[i]
		if sd == 0 {
			return nil, domain.Errorf(domain.InvalidParameter, "model deviation %d is 0: want it > 0", i)
		}
		z, ratio := (ms-m)/sd, ss/sd
		s.CrossEntropy += math.Log(2*math.Pi)/2 + math.Log(sd) + (ratio*ratio+z*z)/2
		s.Entropy += (math.Log(2*math.Pi)+1)/2 + math.Log(ss)
		// (e^u − 1 − u)/2 with u = 2·log(s*/s).
		u := 2 * math.Log1p((ss-sd)/sd)
		if ratio < 0.1 { // where ss−sd has lost the digits of ss
			u = 2 * (math.Log(ss) - math.Log(sd))
		}
		s.KL += (expm1m(u) + z*z) / 2
	}
	return s, nil
}

func (g Gaussian) check(n int) error {
	if len(g.Mean) != n || len(g.Std) != n || n == 0 {
		return domain.Errorf(domain.ShapeMismatch, "Gaussian of %d means and %d deviations: want %d of each, and at least one", len(g.Mean), len(g.Std), n)
	}
	for i, s := range g.Std {
		if !(s >= 0) || math.IsInf(s, 0) || math.IsNaN(g.Mean[i]) || math.IsInf(g.Mean[i], 0) {
			return domain.Errorf(domain.InvalidParameter, "coordinate %d has mean %v and deviation %v: want both finite and the deviation ≥ 0", i, g.Mean[i], s)
		}
	}
	return nil
}
