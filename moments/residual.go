package moments

import (
	"math"
	"strconv"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// residual adds the moments of both branches and twice their covariance. Random
// weights in a branch make that 0; a branch of activations keeps a known part
// of what entered, which is carried along: for normal x it is E f' (Stein's
// identity), and the covariance of two such branches is the product of their
// parts. The same parts add up in the gradient.
func residual[F tensor.Float](w *walk[F], path string, l *nn.Residual[F], in Moments) (Moments, Pull, error) {
	entering := in
	entering.shared = append(append([][]joint{}, in.shared...), make([]joint, len(in.Cells)))
	last := len(in.shared)
	for i, c := range in.Cells {
		entering.shared[last][i] = joint{c.Variance, c.Covariance}
	}
	body, pullBody, err := w.layer(join(path, "body"), l.Body, entering)
	if err != nil {
		return Moments{}, nil, err
	}
	other, pullOther := entering, Pull(func(g []float64) []float64 { return g })
	if l.Projection != nil {
		if other, pullOther, err = w.layer(join(path, "projection"), l.Projection, entering); err != nil {
			return Moments{}, nil, err
		}
	}
	if _, err := l.OutputShape(in.Shape); err != nil {
		return Moments{}, nil, err
	}
	n := max(len(in.Cells), len(body.Cells), len(other.Cells))
	out := in.of(body.Shape, make([]Cell, n))
	kept := make([]float64, n) // the product of the branches' parts of x
	for i := range n {
		a, b := body.cell(i), other.cell(i)
		sa, sb := body.joint(last, i), other.joint(last, i)
		x := in.cell(min(i, len(in.Cells)-1))
		same, cross := 0.0, 0.0
		if x.Variance > 0 {
			kept[i] = sa.same / x.Variance * sb.same / x.Variance
			same, cross = sa.same*sb.same/x.Variance, kept[i]*x.Covariance
		}
		out.Cells[i] = Cell{Mean: a.Mean + b.Mean, Variance: max(0, a.Variance+b.Variance+2*same)}
		out.Cells[i].Covariance = min(max(0, a.Covariance+b.Covariance+2*cross), out.Cells[i].Variance)
		for r := range in.shared {
			ja, jb := body.joint(r, i), other.joint(r, i)
			out.shared[r][i] = joint{ja.same + jb.same, ja.cross + jb.cross}
		}
	}
	out.plain()
	pull := func(g []float64) []float64 {
		a, b := pullBody(g), pullOther(g)
		dx := make([]float64, max(len(a), len(b)))
		for i := range dx {
			dx[i] = at(a, i) + at(b, i) + 2*at(kept, min(i, len(kept)-1))*at(g, min(i, len(g)-1))
			dx[i] = math.Max(dx[i], 0)
		}
		return dx
	}
	return out, pull, nil
}

// joint is the covariance with what entered residual r at a place.
func (m Moments) joint(r, place int) joint {
	list := m.shared[r]
	if len(list) == 1 {
		return list[0]
	}
	return list[place]
}

// sequential applies rules one after the other.
func sequential[F tensor.Float](w *walk[F], path string, layers nn.Sequential[F], in Moments) (Moments, Pull, error) {
	pulls := make([]Pull, len(layers))
	for i, layer := range layers {
		var err error
		if in, pulls[i], err = w.layer(join(path, strconv.Itoa(i)), layer, in); err != nil {
			return Moments{}, nil, err
		}
	}
	return in, func(g []float64) []float64 {
		for i := len(pulls) - 1; i >= 0; i-- {
			g = pulls[i](g)
		}
		return g
	}, nil
}
