package train

import (
	"fmt"

	"github.com/gradus-ml/gradus/dataset"
)

// balance returns class weights n/(K·n_c) for n_c of n examples in each of K
// classes: all classes then have the same weight together, 1/K in the priors,
// and the loss of data that are balanced already stays as it is. A class
// without examples is an error. Source: docs/prior-shift.md.
func balance(source dataset.Source) ([]float64, error) {
	labels, err := dataset.Labels(source)
	if err != nil {
		return nil, err
	}
	classes := source.Info().Classes
	counts := make([]int, len(classes))
	for _, label := range labels {
		counts[label]++
	}
	weights := make([]float64, len(classes))
	for c, n := range counts {
		if n == 0 {
			return nil, fmt.Errorf("train: %s has no example of class %q: want some of every class, to balance them", source.Info().Name, classes[c])
		}
		weights[c] = float64(len(labels)) / float64(len(classes)*n)
	}
	return weights, nil
}
