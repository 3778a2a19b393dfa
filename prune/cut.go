package prune

import (
	"slices"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// dropUnused removes the units of stage s whose weights in stage q, the next,
// are all 0, and returns how many.
func (w *work[F]) dropUnused(s, q int) int {
	units := w.places[s].out[0]
	weight, _ := weights(w.places[q].layer)
	columns := len(weight.Value.Data) / weight.Value.Shape[0]
	per := columns / units
	gone := make([]bool, units)
	for u := range gone {
		gone[u] = true
		for at := u * per; at < len(weight.Value.Data) && gone[u]; at += columns {
			gone[u] = allZero(weight.Value.Data[at : at+per])
		}
	}
	keep := kept(leaveOne(gone))
	w.cut(s, q, keep)
	return units - len(keep)
}

// cut leaves the units of stage s that are listed: its rows, the channels of
// what normalises them, and the columns of stage q.
func (w *work[F]) cut(s, q int, keep []int) {
	units := w.places[s].out[0]
	if len(keep) == units {
		return
	}
	switch l := w.places[s].layer.(type) {
	case *nn.Linear[F]:
		l.Weight, l.Bias = rows(l.Weight, units, keep), rows(l.Bias, units, keep)
	case *nn.Conv2D[F]:
		l.Weight, l.Bias = rows(l.Weight, units, keep), rows(l.Bias, units, keep)
	}
	for _, p := range w.places[s+1 : q] {
		if l, ok := p.layer.(*nn.BatchNorm[F]); ok {
			l.Weight, l.Bias = rows(l.Weight, units, keep), rows(l.Bias, units, keep)
			l.RunningMean.Value = blocks(l.RunningMean.Value, 0, units, keep)
			l.RunningVar.Value = blocks(l.RunningVar.Value, 0, units, keep)
		}
	}
	weight, _ := weights(w.places[q].layer)
	weight.Value = blocks(weight.Value, 1, units, keep)
	w.measure()
}

// rows keeps the listed units of a parameter that begins with them, or nil.
func rows[F tensor.Float](p *nn.Param[F], units int, keep []int) *nn.Param[F] {
	if p == nil {
		return nil
	}
	return &nn.Param[F]{Value: blocks(p.Value, 0, units, keep), Frozen: p.Frozen}
}

// blocks keeps the listed units of x, whose given axis is units times
// something.
func blocks[F tensor.Float](x *tensor.Tensor[F], axis, units int, keep []int) *tensor.Tensor[F] {
	shape, outer := slices.Clone(x.Shape), tensor.Size(x.Shape[:axis])
	shape[axis] = shape[axis] / units * len(keep)
	per := len(x.Data) / outer / units
	kept := tensor.New[F](shape...)
	at := 0
	for o := range outer {
		for _, u := range keep {
			at += copy(kept.Data[at:], x.Data[(o*units+u)*per:][:per])
		}
	}
	return kept
}

// weights returns the weights and the bias of a stage.
func weights[F tensor.Float](layer nn.Layer[F]) (weight, bias *nn.Param[F]) {
	if conv, ok := layer.(*nn.Conv2D[F]); ok {
		return conv.Weight, conv.Bias
	}
	linear := layer.(*nn.Linear[F])
	return linear.Weight, linear.Bias
}

// rowOf returns the weights of unit u.
func rowOf[F tensor.Float](weight *nn.Param[F], u int) []F {
	n := len(weight.Value.Data) / weight.Value.Shape[0]
	return weight.Value.Data[u*n : (u+1)*n]
}

// kept lists the units that are not gone.
func kept(gone []bool) []int {
	var list []int
	for u, is := range gone {
		if !is {
			list = append(list, u)
		}
	}
	return list
}

// clone copies the layers that pruning changes, with their arrays.
func clone[F tensor.Float](layer nn.Layer[F]) nn.Layer[F] {
	switch l := layer.(type) {
	case *nn.Linear[F]:
		return &nn.Linear[F]{Weight: cloneParam(l.Weight), Bias: cloneParam(l.Bias)}
	case *nn.Conv2D[F]:
		return &nn.Conv2D[F]{Weight: cloneParam(l.Weight), Bias: cloneParam(l.Bias), Stride: l.Stride, Padding: l.Padding, Dilation: l.Dilation, Groups: l.Groups}
	case *nn.BatchNorm[F]:
		return &nn.BatchNorm[F]{
			Weight: cloneParam(l.Weight), Bias: cloneParam(l.Bias), Momentum: l.Momentum, Epsilon: l.Epsilon,
			RunningMean: &nn.Buffer[F]{Value: cloneTensor(l.RunningMean.Value)}, RunningVar: &nn.Buffer[F]{Value: cloneTensor(l.RunningVar.Value)},
		}
	}
	return layer
}

func cloneParam[F tensor.Float](p *nn.Param[F]) *nn.Param[F] {
	if p == nil {
		return nil
	}
	return &nn.Param[F]{Value: cloneTensor(p.Value), Frozen: p.Frozen}
}

func cloneTensor[F tensor.Float](x *tensor.Tensor[F]) *tensor.Tensor[F] {
	return tensor.From(slices.Clone(x.Data), x.Shape...)
}
