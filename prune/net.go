package prune

import (
	"fmt"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Report says what was removed.
type Report struct {
	Layers             []Layer `json:"layers"` // those whose units are read by another layer
	ParametersBefore   int     `json:"parameters_before"`
	ParametersAfter    int     `json:"parameters_after"`
	MultiplyAddsBefore int     `json:"multiply_adds_before"` // for one example
	MultiplyAddsAfter  int     `json:"multiply_adds_after"`
}

// Layer is a layer of hidden units: the outputs of a Linear, the filters of a
// Conv2D.
type Layer struct {
	Path     string `json:"path"`
	Before   int    `json:"units_before"`
	After    int    `json:"units_after"`
	Constant int    `json:"constant"` // removed since their weights are 0
	Unused   int    `json:"unused"`   // removed since nothing reads them
	Held     int    `json:"held"`     // of weights 0, and kept: see [Net]
}

// Units returns the number of hidden units before and after.
func (r *Report) Units() (before, after int) {
	for _, l := range r.Layers {
		before, after = before+l.Before, after+l.After
	}
	return before, after
}

// String is one line.
func (r *Report) String() string {
	before, after := r.Units()
	return fmt.Sprintf("%d of %d hidden units are left, %d of %d parameters, and %.1f times fewer multiply-adds",
		after, before, r.ParametersAfter, r.ParametersBefore, float64(r.MultiplyAddsBefore)/float64(max(1, r.MultiplyAddsAfter)))
}

// Net returns the network without the units that do nothing, for examples of
// the input shape. The network that it is given stays as it is.
//
// Outputs are the same as those of a pass that does not train: to the bit where
// the constants of the removed units are 0 and the sums are not regrouped, and
// else to the rounding of the sums that the constants go into. Constants go
// through activations with f(0) ≠ 0, normalisation and pooling, which compute
// them as they would in the network.
//
// Some units of weights 0 are held: one, where a layer would have none left;
// and one before a convolution that pads, where the constant is not 0: it is
// not there in the padding, so that no bias stands for it. Its fellows are
// folded into it.
//
// Between the first and the last layer with weights the network consists of
// Linear, Conv2D of one group, BatchNorm, pooling, Flatten, Dropout and the
// activations, in Sequentials: any other layer, and a parameter in two places,
// is an error that names it.
func Net[F tensor.Float](net nn.Layer[F], input []int) (nn.Layer[F], *Report, error) {
	if err := Check[F](net); err != nil {
		return nil, nil, err
	}
	before, err := nn.Summary[F](net, input)
	if err != nil {
		return nil, nil, fmt.Errorf("prune: %w", err)
	}
	w := &work[F]{places: places[F](net), input: input}
	for i := range w.places {
		w.places[i].layer = clone(w.places[i].layer)
	}
	w.measure()
	stages := w.stages()
	report := &Report{ParametersBefore: before.Parameters, MultiplyAddsBefore: before.MultiplyAdds}
	for k := 0; k+1 < len(stages); k++ {
		at := w.places[stages[k]]
		l := Layer{Path: at.path, Before: at.out[0]}
		l.Constant, l.Held = w.foldConstants(stages[k], stages[k+1])
		report.Layers = append(report.Layers, l)
	}
	for k := len(stages) - 2; k >= 0; k-- {
		l := &report.Layers[k]
		l.Unused = w.dropUnused(stages[k], stages[k+1])
		l.After = w.places[stages[k]].out[0]
	}
	layers := make([]nn.Layer[F], len(w.places))
	for i, p := range w.places {
		layers[i] = p.layer
	}
	pruned, _ := rebuild(net, layers)
	after, err := nn.Summary[F](pruned, input)
	if err != nil {
		return nil, nil, fmt.Errorf("prune: %w", err)
	}
	report.ParametersAfter, report.MultiplyAddsAfter = after.Parameters, after.MultiplyAdds
	return pruned, report, nil
}
