package prune

import (
	"fmt"
	"strconv"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// place is a layer that is no Sequential, where it stands.
type place[F tensor.Float] struct {
	path    string
	layer   nn.Layer[F]
	in, out []int // the shapes of one example
}

// work is a network being pruned.
type work[F tensor.Float] struct {
	places []place[F]
	input  []int
}

// places lists the layers of a network in order, Sequentials opened.
func places[F tensor.Float](net nn.Layer[F]) []place[F] {
	var all []place[F]
	var visit func(path string, layer nn.Layer[F])
	visit = func(path string, layer nn.Layer[F]) {
		inner, ok := layer.(nn.Sequential[F])
		if !ok {
			all = append(all, place[F]{path: path, layer: layer})
			return
		}
		for i, l := range inner {
			under := strconv.Itoa(i)
			if path != "" {
				under = path + "." + under
			}
			visit(under, l)
		}
	}
	visit("", net)
	return all
}

// rebuild puts layers, as many as places listed, into the Sequentials of net,
// and returns those left over.
func rebuild[F tensor.Float](net nn.Layer[F], layers []nn.Layer[F]) (nn.Layer[F], []nn.Layer[F]) {
	inner, ok := net.(nn.Sequential[F])
	if !ok {
		return layers[0], layers[1:]
	}
	made := make(nn.Sequential[F], len(inner))
	for i, l := range inner {
		made[i], layers = rebuild(l, layers)
	}
	return made, layers
}

// isStage reports whether a layer has units: rows of weights.
func isStage[F tensor.Float](layer nn.Layer[F]) bool {
	switch layer.(type) {
	case *nn.Linear[F], *nn.Conv2D[F]:
		return true
	}
	return false
}

// stages lists the places of the layers with units.
func (w *work[F]) stages() []int {
	var at []int
	for i, p := range w.places {
		if isStage(p.layer) {
			at = append(at, i)
		}
	}
	return at
}

// Check names the first layer that [Net] cannot prune through, if there is one.
func Check[F tensor.Float](net nn.Layer[F]) error {
	all := places[F](net)
	w := &work[F]{places: all}
	stages := w.stages()
	if len(stages) == 0 {
		return nil
	}
	seen := map[*nn.Param[F]]string{}
	for i, p := range all {
		for name, param := range nn.Params[F](p.layer) {
			name = p.path + "." + name
			if first, ok := seen[param]; ok {
				return fmt.Errorf("prune: %s is %s: want no parameter in two places", name, first)
			}
			seen[param] = name
		}
		if i < stages[0] || i > stages[len(stages)-1] {
			continue
		}
		switch l := p.layer.(type) {
		case *nn.Linear[F], *nn.BatchNorm[F], *nn.MaxPool2D[F], *nn.AvgPool2D[F], nn.Flatten[F], nn.Dropout[F],
			nn.ReLU[F], nn.LeakyReLU[F], nn.GELU[F], nn.SiLU[F], nn.Tanh[F], nn.Sigmoid[F], nn.Softplus[F]:
		case *nn.Conv2D[F]:
			if l.Groups != 1 {
				return fmt.Errorf("prune: layer %s is a conv2d of %d groups: want one group", p.path, l.Groups)
			}
		default:
			return fmt.Errorf("prune: layer %s is a %s, whose units cannot be told apart: want linear, conv2d, batchnorm, pooling, flatten, dropout and activations in sequentials", p.path, nn.KindOf(l))
		}
	}
	return nil
}

// measure sets the shapes of all places; they fit, as Summary has found.
func (w *work[F]) measure() {
	shape := w.input
	for i := range w.places {
		p := &w.places[i]
		p.in = shape
		p.out, _ = p.layer.OutputShape(shape)
		shape = p.out
	}
}
