package autodiff

import "github.com/gradus-ml/gradus/tensor"

// Linear returns x·Wᵀ + b for x [batch, in], weight W [out, in] and bias b
// [out] or nil: PyTorch's layout. The result is [batch, out]. Panics with a
// [*tensor.ShapeError] if the shapes do not fit.
func Linear[F tensor.Float](x, weight, bias *Var[F]) *Var[F] {
	xs, ws := x.Shape(), weight.Shape()
	if len(xs) != 2 || len(ws) != 2 || xs[1] != ws[1] {
		panic(tensor.Mismatch("autodiff.Linear", "x [batch in] and weight [out in]", xs, ws))
	}
	how := tensor.Product[F]{TransB: true}
	inputs := [3]*Var[F]{x, weight, bias}
	n := 2
	if bias != nil {
		if len(bias.Value.Data) != ws[0] {
			panic(tensor.Mismatch("autodiff.Linear", "weight [out in] and bias [out]", ws, bias.Shape()))
		}
		how.Bias = bias.Value.Data
		n = 3
	}
	shape := [2]int{xs[0], ws[0]}
	y := x.tape.Output(shape[:], inputs[:n]...)
	tensor.MatMul(y.Value, x.Value, weight.Value, how)
	return Record(y, linear[F]{x, weight, bias, y})
}

type linear[F tensor.Float] struct{ x, weight, bias, y *Var[F] }

// Pull: dx += dy·W, dW += dyᵀ·x, db += Σ over the batch of dy.
func (op *linear[F]) Pull() {
	if _, first := op.x.Contribute(); op.x.wanted {
		tensor.MatMul(op.x.Grad, op.y.Grad, op.weight.Value, tensor.Product[F]{Add: !first})
	}
	if _, first := op.weight.Contribute(); op.weight.wanted {
		tensor.MatMul(op.weight.Grad, op.y.Grad, op.x.Value, tensor.Product[F]{TransA: true, Add: !first})
	}
	if op.bias != nil && op.bias.wanted {
		g, first := op.bias.Contribute()
		tensor.ColumnSums(g, op.y.Grad, !first)
	}
}
