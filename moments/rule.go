package moments

import (
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Mode is how a model is used: Dropout and BatchNorm depend on it.
type Mode int

// The modes.
const (
	Training Mode = iota
	Evaluating
)

// Pull turns second moments of the gradient in a layer's output into those in
// its input. Both have a number for each cell: 1, or one for each place of the
// shape.
type Pull func(gradient []float64) []float64

// Ruled is a layer of another package that knows its own rule: what becomes of
// the moments, and of the gradient on its way back. The Moments it returns are
// made with [Uniform], or of Shape and Cells.
type Ruled interface {
	PropagateMoments(in Moments, mode Mode) (out Moments, pull Pull, err error)
}

// Elementwise is a layer of another package that applies one function to every
// element.
type Elementwise interface{ MomentFunction() Function }

// apply finds a layer's rule. There is one function in one file for each kind.
func apply[F tensor.Float](w *walk[F], path string, layer nn.Layer[F], in Moments) (Moments, Pull, error) {
	switch l := layer.(type) {
	case nn.Sequential[F]:
		return sequential(w, path, l, in)
	case *nn.Residual[F]:
		return residual(w, path, l, in)
	case *nn.Linear[F]:
		return linear(weightsOf(l.Weight, l.Bias), in)
	case *nn.NormalizedLinear[F]:
		return normalizedLinear(l, in)
	case *nn.Conv2D[F]:
		return conv2D(l, in)
	case *nn.TiedFilter[F]:
		return tiedFilter(l, in)
	case *nn.MaxPool2D[F]:
		return maxPool2D(l, in)
	case *nn.AvgPool2D[F]:
		return avgPool2D(l, in)
	case *nn.BatchNorm[F]:
		return batchNorm(l, in, w.mode)
	case *nn.LayerNorm[F]:
		return layerNorm(l, in)
	case nn.Dropout[F]:
		return dropout(l.Rate, in, w.mode)
	case nn.Flatten[F]:
		return reshape(in, tensor.Size(in.Shape))
	case *nn.Reshape[F]:
		return reshape(in, l.Shape...)
	case Ruled:
		out, pull, err := l.PropagateMoments(in, w.mode)
		if err == nil {
			err = out.validate()
		}
		if err == nil && pull == nil {
			err = invalid("%T returns no Pull", layer)
		}
		if err != nil {
			return out, nil, err
		}
		return in.of(out.Shape, out.Cells), pull, nil
	}
	if f, ok := functionOf(layer); ok {
		return activation(f, in)
	}
	return Moments{}, nil, invalid("no rule for a layer of kind %s (%T): want one in this package, or a method PropagateMoments or MomentFunction of the layer", nn.KindOf(layer), layer)
}

// functionOf returns the function of a layer that is one.
func functionOf[F tensor.Float](layer nn.Layer[F]) (Function, bool) {
	switch l := layer.(type) {
	case nn.ReLU[F]:
		return ReLU(), true
	case nn.LeakyReLU[F]:
		return LeakyReLU(l.Slope), true
	case nn.GELU[F]:
		if l.Approximate {
			return GELUTanh(), true
		}
		return GELU(), true
	case nn.SiLU[F]:
		return SiLU(), true
	case nn.Tanh[F]:
		return Tanh(), true
	case nn.Sigmoid[F]:
		return Sigmoid(), true
	case nn.Softplus[F]:
		return Softplus(), true
	case Elementwise:
		return l.MomentFunction(), true
	}
	return Function{}, false
}
