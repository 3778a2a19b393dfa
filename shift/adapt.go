package shift

import (
	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/losses"
)

// Adaptation is a network made ready for unlabelled data of other priors.
type Adaptation struct {
	Calibration *losses.BiasCorrected
	Source      losses.Probs // calibrated posteriors of the labelled rows
	Target      losses.Probs // calibrated posteriors of the unlabelled rows, under Train
	Train       []float64    // the prior of the calibrated posteriors
	Maximum     *Maximum     // the estimated target prior
	Corrected   *Reweighted  // posteriors and decisions under it
}

// Adapt calibrates the logits of a network on labelled rows that it was not
// trained on, by temperature and class biases with the given ridge, estimates
// the priors of unlabelled rows by maximum likelihood, and corrects these. The
// training prior is the mean calibrated posterior of the labelled rows, which
// the calibration makes equal to the label frequencies but for the ridge.
// Calibration matters: without it maximum likelihood is biased, with it it
// beats [BBSE]. Source: Alexandari, Kundaje and Shrikumar, ICML 2020.
func Adapt(source losses.Logits, labels []int, target losses.Logits, ridge, tolerance float64) (*Adaptation, error) {
	a, err := Calibrate(source, labels, ridge)
	if err != nil {
		return nil, err
	}
	if err := target.Check(); err != nil {
		return nil, err
	}
	if target.Classes != source.Classes {
		return nil, domain.Errorf(domain.ShapeMismatch, "target logits of %d classes for source logits of %d", target.Classes, source.Classes)
	}
	a.Target = a.Calibration.Apply(target).Probs()
	if a.Maximum, err = MaximumLikelihood(a.Target, a.Train, a.Train, tolerance); err != nil {
		return nil, err
	}
	a.Corrected, err = Reweight(a.Target, a.Train, a.Maximum.Prior)
	return a, err
}

// Calibrate is the first part of [Adapt], without unlabelled rows: Calibration,
// Source and Train, and nothing else.
func Calibrate(source losses.Logits, labels []int, ridge float64) (*Adaptation, error) {
	c, err := losses.FitBiasCorrected(source, labels, ridge)
	if err != nil {
		return nil, err
	}
	p := c.Apply(source).Probs()
	return &Adaptation{Calibration: c, Source: p, Train: columnMeans(p.Table)}, nil
}
