package nn

import (
	"fmt"
	"math"
	"slices"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// LayerNorm normalises each example over its last dimensions, those of Weight,
// and then scales and shifts every place:
//
//	y = Weight·(x − mean)/√(variance + Epsilon) + Bias
//
// x is [batch, …, shape…] with the shape of Weight; the variance has the
// divisor n.
//
// Source: Ba, Kiros and Hinton 2016.
type LayerNorm[F tensor.Float] struct {
	Weight  *Param[F] // [shape…]
	Bias    *Param[F] // [shape…], or nil for none
	Epsilon float64   // positive
}

// NewLayerNorm returns a layer over last dimensions of the given shape, with
// weight 1, bias 0 and Epsilon 1e-5. It panics unless the sizes are positive
// and there is at least one.
func NewLayerNorm[F tensor.Float](shape ...int) *LayerNorm[F] {
	mustBePositive("nn.NewLayerNorm", shape...)
	l := &LayerNorm[F]{Weight: NewParam[F](shape...), Bias: NewParam[F](shape...), Epsilon: 1e-5}
	l.Weight.Value.Fill(1)
	must("nn.NewLayerNorm", l.Validate())
	return l
}

// Validate reports fields that do not fit together.
func (l *LayerNorm[F]) Validate() error {
	if l.Weight == nil || len(shapeOf(l.Weight.Value)) == 0 {
		return fmt.Errorf("layernorm: weight is missing: want one of the shape to normalise over")
	}
	if _, err := checkedSize("layernorm: weight", l.Weight.Value.Shape); err != nil {
		return err
	}
	if l.Bias != nil && !slices.Equal(shapeOf(l.Bias.Value), l.Weight.Value.Shape) {
		return fmt.Errorf("layernorm: bias of shape %v: want that of weight, %v, or none", shapeOf(l.Bias.Value), l.Weight.Value.Shape)
	}
	return checkEpsilon("layernorm", l.Epsilon)
}

// Forward returns the normalised x.
func (l *LayerNorm[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	xs, shape := x.Shape(), l.Weight.Value.Shape
	if len(xs) <= len(shape) || !slices.Equal(xs[len(xs)-len(shape):], shape) {
		panic(tensor.Mismatch("nn.LayerNorm", "x [batch … shape…] and weight [shape…]", xs, shape))
	}
	op := layerNorm[F]{x: x, weight: p.Use(l.Weight), bias: p.Use(l.Bias)}
	inputs := [3]*autodiff.Var[F]{x, op.weight, op.bias}
	n := 2
	if op.bias != nil {
		n = 3
	}
	op.y = p.Tape.Output(xs, inputs[:n]...)
	width := len(l.Weight.Value.Data)
	op.normal = p.Tape.Scratch(len(x.Value.Data))
	op.inverse = p.Tape.Scratch(len(x.Value.Data) / width)
	for r := range op.inverse {
		in, z, out := x.Value.Data[r*width:][:width], op.normal[r*width:][:width], op.y.Value.Data[r*width:][:width]
		mean := simd.Sum(in) / float64(width)
		variance := simd.CentredSquares(in, mean) / float64(width)
		op.inverse[r] = F(1 / math.Sqrt(variance+l.Epsilon))
		simd.Standardise(z, in, F(mean), op.inverse[r], 0)
		simd.Mul(out, z, op.weight.Value.Data)
		if op.bias != nil {
			simd.Add(out, out, op.bias.Value.Data)
		}
	}
	return autodiff.Record(op.y, op)
}

// OutputShape is the input's shape.
func (l *LayerNorm[F]) OutputShape(input []int) ([]int, error) {
	shape := l.Weight.Value.Shape
	if len(input) < len(shape) || !slices.Equal(input[len(input)-len(shape):], shape) {
		return nil, fmt.Errorf("layernorm: input of shape %v: want one that ends in %v", input, shape)
	}
	return input, nil
}

type layerNorm[F tensor.Float] struct {
	x, weight, bias, y *autodiff.Var[F]
	normal             []F // z = (x − mean)·inverse
	inverse            []F // of each row's √(variance + ε)
}

// Pull: dw += Σ dy·z and db += Σ dy over rows; with u = dy·w, row by row,
// dx += inverse·(u − mean(u) − z·mean(u·z)).
func (op *layerNorm[F]) Pull() {
	dx, firstX := op.x.Contribute()
	dw := op.weight.Accumulate()
	var db []F
	if op.bias != nil {
		db = op.bias.Accumulate()
	}
	weight := op.weight.Value.Data
	width := len(weight)
	for r, inverse := range op.inverse {
		z, dy := op.normal[r*width:][:width], op.y.Grad.Data[r*width:][:width]
		if dw != nil {
			simd.AddMul(dw, dy, z)
		}
		if db != nil {
			simd.Add(db, db, dy)
		}
		if dx == nil {
			continue
		}
		var sum, withZ float64
		for i, w := range weight {
			u := float64(dy[i] * w)
			sum += u
			withZ += u * float64(z[i])
		}
		level, slope := F(sum/float64(width)), F(withZ/float64(width))
		row := dx[r*width:][:width]
		if firstX {
			clear(row)
		}
		for i, w := range weight {
			row[i] += inverse * (dy[i]*w - level - slope*z[i])
		}
	}
}
