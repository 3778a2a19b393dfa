package train

import (
	"fmt"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/nn"
)

// findInForward repeats the forward pass of a step whose loss is not finite,
// layer by layer, and returns the first place that is not: an example, a
// parameter, the output of a layer, or the loss itself.
func (r *run) findInForward(batch *dataset.Batch) string {
	for i, index := range batch.Indices {
		if !allFinite(batch.X.Row(i)) {
			return fmt.Sprintf("example %d of %s", index, r.loader.Source.Info().Name)
		}
	}
	r.pcg = r.before // the same masks
	r.pass.Tape.Reset()
	if _, where := findInLayer(&r.pass, "", r.model.Net, r.pass.Tape.Constant(batch.X)); where != "" {
		return where
	}
	return "the loss"
}

// findInLayer passes x through a layer, and through the layers of a Sequential
// one by one.
func findInLayer(p *nn.Pass[float32], path string, layer nn.Layer[float32], x *autodiff.Var[float32]) (y *autodiff.Var[float32], where string) {
	if layers, ok := layer.(nn.Sequential[float32]); ok {
		for i, inner := range layers {
			if x, where = findInLayer(p, join(path, fmt.Sprint(i)), inner, x); where != "" {
				return nil, where
			}
		}
		return x, ""
	}
	for name, param := range nn.Params[float32](layer) {
		if !allFinite(param.Value.Data) {
			return nil, "parameter " + join(path, name)
		}
	}
	for name, buffer := range nn.Buffers[float32](layer) {
		if !allFinite(buffer.Value.Data) {
			return nil, "buffer " + join(path, name)
		}
	}
	if y = layer.Forward(p, x); !allFinite(y.Value.Data) {
		if path == "" {
			return nil, fmt.Sprintf("the output of the network (%s)", nn.KindOf(layer))
		}
		return nil, fmt.Sprintf("the output of layer %s (%s)", path, nn.KindOf(layer))
	}
	return y, ""
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
