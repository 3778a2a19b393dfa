package autodiff

import "github.com/gradus-ml/gradus/tensor"

// Max returns the larger of a and b, element by element; NaN if either is.
// Where they are equal each gets half of the gradient, which makes Max(x, x)
// behave like x. Panics with a [*tensor.ShapeError] unless the shapes are
// equal.
func Max[F tensor.Float](a, b *Var[F]) *Var[F] {
	mustEqualShapes("autodiff.Max", a, b)
	y := a.tape.Output(a.Shape(), a, b)
	for i, v := range a.Value.Data {
		y.Value.Data[i] = max(v, b.Value.Data[i])
	}
	return Record(y, choice[F]{a, b, y})
}

// Min returns the smaller of a and b, element by element, as [Max] does the
// larger.
func Min[F tensor.Float](a, b *Var[F]) *Var[F] {
	mustEqualShapes("autodiff.Min", a, b)
	y := a.tape.Output(a.Shape(), a, b)
	for i, v := range a.Value.Data {
		y.Value.Data[i] = min(v, b.Value.Data[i])
	}
	return Record(y, choice[F]{a, b, y})
}

// choice is an operation whose result is, element by element, one of two.
type choice[F tensor.Float] struct{ a, b, y *Var[F] }

// Pull: dy goes to the input that was chosen, in halves where they are equal.
func (op *choice[F]) Pull() {
	for _, pair := range [2][2]*Var[F]{{op.a, op.b}, {op.b, op.a}} {
		g := pair[0].Accumulate()
		for i := range g {
			switch mine, other := pair[0].Value.Data[i], pair[1].Value.Data[i]; {
			case mine == other:
				g[i] += op.y.Grad.Data[i] / 2
			case mine == op.y.Value.Data[i]:
				g[i] += op.y.Grad.Data[i]
			case mine != mine || other != other: // NaN
				g[i] += op.y.Value.Data[i]
			}
		}
	}
}
