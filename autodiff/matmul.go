package autodiff

import "github.com/gradus-ml/gradus/tensor"

// MatMul returns the product a·b of a [m, k] and b [k, n]: [m, n]. With
// how.TransA a is stored as [k, m], with how.TransB b as [n, k]; the other fields
// of how have no gradient here and must not be set. Panics with a
// [*tensor.ShapeError] if the shapes do not fit.
func MatMul[F tensor.Float](a, b *Var[F], how tensor.Product[F]) *Var[F] {
	if how.Add || how.ReLU || how.Bias != nil || how.Addend != nil {
		panic("autodiff.MatMul: a field of Product other than TransA and TransB is set: want autodiff.Add, autodiff.AddRow and autodiff.ReLU, which have gradients")
	}
	as, bs := a.Shape(), b.Shape()
	if len(as) != 2 || len(bs) != 2 {
		panic(tensor.Mismatch("autodiff.MatMul", "two matrices", as, bs))
	}
	shape := [2]int{as[0], bs[1]}
	if how.TransA {
		shape[0] = as[1]
	}
	if how.TransB {
		shape[1] = bs[0]
	}
	y := a.tape.Output(shape[:], a, b)
	tensor.MatMul(y.Value, a.Value, b.Value, how)
	return Record(y, matMul[F]{a, b, y, how})
}

type matMul[F tensor.Float] struct {
	a, b, y *Var[F]
	how     tensor.Product[F]
}

// Pull: dA += dY·Bᵀ, dB += Aᵀ·dY for the operands as they are multiplied; one
// that is stored transposed gets the transpose, (dY·Bᵀ)ᵀ = B·dYᵀ.
func (op *matMul[F]) Pull() {
	transA, transB := op.how.TransA, op.how.TransB
	if _, first := op.a.Contribute(); op.a.wanted {
		if transA {
			tensor.MatMul(op.a.Grad, op.b.Value, op.y.Grad, tensor.Product[F]{TransA: transB, TransB: true, Add: !first})
		} else {
			tensor.MatMul(op.a.Grad, op.y.Grad, op.b.Value, tensor.Product[F]{TransB: !transB, Add: !first})
		}
	}
	if _, first := op.b.Contribute(); op.b.wanted {
		if transB {
			tensor.MatMul(op.b.Grad, op.y.Grad, op.a.Value, tensor.Product[F]{TransA: true, TransB: transA, Add: !first})
		} else {
			tensor.MatMul(op.b.Grad, op.a.Value, op.y.Grad, tensor.Product[F]{TransA: !transA, Add: !first})
		}
	}
}
