package moments

import (
	"fmt"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Propagate predicts the moments after every layer of a model, and those of the
// gradient on its way back from one of variance 1 in the model's output. It
// knows of the weights only their means and variances, and takes them as
// independent: right for weights as they are drawn, on average over draws, and
// for one draw the better, the wider the layers. A layer without a rule is an
// error.
//
// Sources: docs/node-statistics.md; Poole et al. 2016; Schoenholz et al. 2017.
func Propagate[F tensor.Float](model nn.Layer[F], in Moments, mode Mode) (*Table, error) {
	w := &walk[F]{mode: mode}
	_, err := w.run(model, in)
	return &w.table, err
}

// walk goes through a model and keeps a table.
type walk[F tensor.Float] struct {
	mode  Mode
	table Table

	// before is called with each layer that is not made of others, and what
	// enters it.
	before func(path string, layer nn.Layer[F], in Moments) error
}

func (w *walk[F]) run(model nn.Layer[F], in Moments) (Moments, error) {
	if err := in.validate(); err != nil {
		return Moments{}, err
	}
	if in.function.Value == nil {
		in.plain()
	}
	in.shared = nil
	w.table.Rows = []Row{{Path: "input", Kind: "input", Shape: in.Shape, Predicted: valuesOf(in)}}
	out, pull, err := w.layer("", model, in)
	if err != nil {
		return Moments{}, err
	}
	w.table.Rows[0].Predicted.Gradient = average(pull([]float64{1}))
	return out, nil
}

// layer applies a layer's rule and writes its row.
func (w *walk[F]) layer(path string, layer nn.Layer[F], in Moments) (Moments, Pull, error) {
	if layer == nil {
		return Moments{}, nil, fmt.Errorf("%s: a nil layer", path)
	}
	_, isSequential := layer.(nn.Sequential[F])
	_, isResidual := layer.(*nn.Residual[F])
	if w.before != nil && !isSequential && !isResidual {
		if err := w.before(path, layer, in); err != nil {
			return Moments{}, nil, fmt.Errorf("layer %s: %w", path, err)
		}
	}
	out, pull, err := apply(w, path, layer, in)
	if isSequential || err != nil {
		if err != nil && !isSequential && !isResidual {
			err = fmt.Errorf("layer %s: %w", path, err)
		}
		return out, pull, err
	}
	row := len(w.table.Rows)
	w.table.Rows = append(w.table.Rows, Row{Path: path, Kind: nn.KindOf(layer), Shape: out.Shape, Predicted: valuesOf(out)})
	return out, func(g []float64) []float64 {
		w.table.Rows[row].Predicted.Gradient = average(g)
		return pull(g)
	}, nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
