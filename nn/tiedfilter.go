package nn

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// TiedFilter slides one filter along the last dimension of x [batch, …, N],
// which becomes [batch, …, M]:
//
//	yᵢ = Σₖ wₖ·x[i·Stride + k·Dilation − Padding] + b
//
// with x zero outside 0…N−1 and M = ⌊(N + 2·Padding − Dilation·(taps−1) − 1)/
// Stride⌋ + 1, or 0 where the filter is longer than the padded input: then y is
// empty and all gradients are 0. Without Mask the taps w are trained one by
// one. With it they are tied: wₖ = a·Maskₖ for the one weight a. Two taps of
// mask 1 two places apart give y = a·(xᵢ + xᵢ₊₂) + b.
//
// Source: docs/tied-dilated-filter.md.
type TiedFilter[F tensor.Float] struct {
	Weight   *Param[F]  // [taps], or [1] where Mask ties them
	Mask     *Buffer[F] // [taps], or nil for free taps
	Bias     *Param[F]  // [1], or nil for none
	Dilation int        // distance between neighbouring taps
	Stride   int
	Padding  int // zeros on each side
}

// NewTiedFilter returns a filter whose taps share one weight, with stride 1 and
// no padding; the weight and the bias are drawn from the uniform distribution
// on ±1/√taps. It panics unless taps and dilation are positive.
func NewTiedFilter[F tensor.Float](taps, dilation int, rng *rand.Rand) *TiedFilter[F] {
	mustBePositive("nn.NewTiedFilter", taps, dilation)
	draw := NewLinear[F](taps, 1, rng)
	l := &TiedFilter[F]{
		Weight:   NewParam[F](1),
		Mask:     &Buffer[F]{Value: tensor.New[F](taps)},
		Bias:     draw.Bias,
		Dilation: dilation,
		Stride:   1,
	}
	l.Weight.Value.Data[0] = draw.Weight.Value.Data[0]
	l.Mask.Value.Fill(1)
	must("nn.NewTiedFilter", l.Validate())
	return l
}

// NewFilter returns a filter of free taps, drawn with the bias from the uniform
// distribution on ±1/√taps. It panics unless taps, dilation and stride are
// positive and padding is not negative.
func NewFilter[F tensor.Float](taps, dilation, stride, padding int, rng *rand.Rand) *TiedFilter[F] {
	mustBePositive("nn.NewFilter", taps, dilation, stride)
	draw := NewLinear[F](taps, 1, rng)
	l := &TiedFilter[F]{
		Weight:   &Param[F]{Value: draw.Weight.Value.Reshape(taps)},
		Bias:     draw.Bias,
		Dilation: dilation, Stride: stride, Padding: padding,
	}
	must("nn.NewFilter", l.Validate())
	return l
}

// Validate reports fields that do not fit together.
func (l *TiedFilter[F]) Validate() error {
	const layer = "tiedfilter"
	if err := checkShape(layer, "weight", l.Weight, "taps"); err != nil {
		return err
	}
	if l.Mask != nil {
		if len(l.Weight.Value.Data) != 1 {
			return fmt.Errorf("%s: weight of shape %v with a mask: want [1]", layer, l.Weight.Value.Shape)
		}
		if s := shapeOf(l.Mask.Value); len(s) != 1 || s[0] < 1 {
			return fmt.Errorf("%s: mask of shape %v: want [taps], or none", layer, s)
		}
	}
	if err := checkRange(layer, "taps", l.taps(), 1); err != nil {
		return err
	}
	if err := checkOptional(layer, "bias", l.Bias, 1); err != nil {
		return err
	}
	if err := checkRange(layer, "dilation", l.Dilation, 1); err != nil {
		return err
	}
	if err := checkRange(layer, "stride", l.Stride, 1); err != nil {
		return err
	}
	return checkRange(layer, "padding", l.Padding, 0)
}

func (l *TiedFilter[F]) taps() int {
	if l.Mask != nil {
		return len(l.Mask.Value.Data)
	}
	return len(l.Weight.Value.Data)
}

// length is M for an input of n elements.
func (l *TiedFilter[F]) length(n int) int {
	room := n + 2*l.Padding - l.Dilation*(l.taps()-1) - 1
	if room < 0 {
		return 0
	}
	return room/l.Stride + 1
}

// Forward returns y. It panics with a [*tensor.ShapeError] if x is no batch.
func (l *TiedFilter[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	xs := x.Shape()
	if len(xs) < 2 {
		panic(tensor.Mismatch("nn.TiedFilter", "x [batch … length]", xs))
	}
	n := xs[len(xs)-1]
	op := tiedFilter[F]{
		x: x, weight: p.Use(l.Weight), bias: p.Use(l.Bias),
		n: n, m: l.length(n), dilation: l.Dilation, stride: l.Stride, padding: l.Padding,
	}
	if l.Mask != nil {
		op.mask = l.Mask.Value.Data
	}
	var room [8]int // on the stack for any usual rank
	shape := append(room[:0], xs...)
	shape[len(shape)-1] = op.m
	inputs := [3]*autodiff.Var[F]{x, op.weight, op.bias}
	count := 2
	if op.bias != nil {
		count = 3
	}
	op.y = p.Tape.Output(shape, inputs[:count]...)
	op.apply(p.Tape)
	return autodiff.Record(op.y, op)
}

// OutputShape is […, M] for an input of […, N].
func (l *TiedFilter[F]) OutputShape(input []int) ([]int, error) {
	if _, err := checkedSize("tiedfilter", input); err != nil || len(input) == 0 {
		return nil, fmt.Errorf("tiedfilter: input of shape %v, want […, length] of positive sizes", input)
	}
	last := len(input) - 1
	return append(append([]int{}, input[:last]...), l.length(input[last])), nil
}

func (l *TiedFilter[F]) multiplyAdds(output []int) int { return tensor.Size(output) * l.taps() }
