package shift

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/losses"
)

// Diagnosis says how far a correction can be relied on.
type Diagnosis struct {
	// Condition is the condition number of p(prediction|label), soft counts:
	// errors of measured predictions grow by up to this factor in the priors.
	Condition float64
	// EffectiveRows is N/Σ_k p(k) w_k², the number of unweighted rows that are
	// worth as much as the labelled rows under the weights w.
	EffectiveRows float64
	// FewestLabels is the smallest number of labelled rows of a class of
	// positive target prior.
	FewestLabels int
	// Warnings says in words what of this is bad.
	Warnings []string
}

// Diagnose examines a correction to the target prior from labelled source
// rows. Where Condition is infinite, or nearly, the priors of unlabelled data
// are not identified: different priors give the same predictions.
func Diagnose(source losses.Probs, labels []int, target []float64) (*Diagnosis, error) {
	c, err := SoftConfusion(source, labels)
	if err != nil {
		return nil, err
	}
	train, err := Frequencies(labels, source.Classes)
	if err != nil {
		return nil, err
	}
	w, err := Weights(train, target)
	if err != nil {
		return nil, err
	}
	mass := 0.0
	for k, p := range train {
		mass += p * w[k]
	}
	d := &Diagnosis{FewestLabels: len(labels)}
	var squares float64
	scaled := &Confusion{Joint: make([][]float64, len(train))}
	for i, row := range c.Joint {
		for k, v := range row {
			if train[k] > 0 { // classes without labels have no column
				scaled.Joint[i] = append(scaled.Joint[i], v/train[k])
			}
		}
	}
	for k, p := range train {
		squares += p * (w[k] / mass) * (w[k] / mass)
		if target[k] > 0 {
			d.FewestLabels = min(d.FewestLabels, int(math.Round(p*float64(len(labels)))))
		}
	}
	d.EffectiveRows = float64(len(labels)) / squares
	d.Condition = condition(dense(scaled.Joint))
	d.warn(len(labels))
	return d, nil
}

func (d *Diagnosis) warn(rows int) {
	say := func(bad bool, format string, args ...any) {
		if bad {
			d.Warnings = append(d.Warnings, fmt.Sprintf(format, args...))
		}
	}
	say(d.Condition > 1e3, "predictions hardly tell some classes apart (condition number %.3g): estimated priors are unreliable", d.Condition)
	say(d.EffectiveRows < float64(rows)/10, "the weights leave %.0f effective rows of %d: weighted averages are noisy", d.EffectiveRows, rows)
	say(d.FewestLabels < 10, "a class has %d labelled rows: its column of the confusion matrix is hardly known", d.FewestLabels)
}
