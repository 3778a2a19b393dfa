package moments

import "math"

// activation sends the latent normal variable of each cell through the
// function. One that follows another sees the composition, exactly; one that
// follows a layer of weights sees a sum of many terms, which is nearly normal.
// What is shared with a residual's input shrinks by E f' (Stein's identity).
func activation(f Function, in Moments) (Moments, Pull, error) {
	first := in.function.Value == nil
	whole := f
	if !first {
		whole = in.function.then(f)
	}
	known := map[normal]passed{} // places in the middle of an image are alike
	out := in.of(in.Shape, make([]Cell, len(in.Cells)))
	out.function = whole
	out.chosen = new(float64)
	*out.chosen = 1
	slopes := make([]float64, len(in.Cells))
	together, apart := 0.0, 0.0
	for i, c := range in.Cells {
		p, ok := known[c.latent]
		if !ok {
			p = pass(whole, c.latent)
			p.together, p.apart = 1, 1
			if !first {
				p.together = p.slopeSecond
				p.slopeSecond, p.keeps = outer(in.function, f, c.latent)
				p.apart = p.slopeSecond * through(in.function, c.latent.mean, c.latent.variance).SlopeSecondMoment
			}
			known[c.latent] = p
		}
		out.Cells[i], slopes[i] = p.cell, p.slopeSecond
		together, apart = together+p.together, apart+p.apart
		for r := range in.shared {
			s := in.shared[r][i]
			out.shared[r][i] = joint{s.same * p.keeps, s.cross * p.keeps}
		}
	}
	if in.chosen != nil && apart > 0 {
		*in.chosen = together / apart
	}
	pull := func(g []float64) []float64 {
		dx := make([]float64, max(len(g), len(slopes)))
		for i := range dx {
			dx[i] = at(g, i) * at(slopes, i) * *out.chosen
		}
		return dx
	}
	return out, pull, nil
}

// passed is what becomes of one cell.
type passed struct {
	cell               Cell
	slopeSecond, keeps float64 // E f'² and E f'
	together, apart    float64 // E (f∘h)'², and E f'²·E h'², with h before f
}

func pass(f Function, z normal) passed {
	m := through(f, z.mean, z.variance)
	c := Cell{Mean: m.Mean, Variance: m.Variance, latent: z}
	c.Covariance = covarianceThrough(f, z.mean, z.variance, z.covariance, m.Variance)
	return passed{cell: c, slopeSecond: m.SlopeSecondMoment, keeps: m.SlopeMean}
}

// outer returns E f'(h(z))² and E (f∘h)'(z)/E h'(z): what f alone does to the
// gradient and to covariances when h came before it.
func outer(h, f Function, z normal) (slopeSecond, keeps float64) {
	if z.variance == 0 {
		d := f.slope(h.Value(z.mean))
		return d * d, d
	}
	e := expect(z.mean, math.Sqrt(z.variance), 3, func(_, z float64, v []float64) {
		d, before := f.slope(h.Value(z)), h.slope(z)
		v[0], v[1], v[2] = d*d, d*before, before
	}, func(scale []float64) {
		if f.Slope == nil || h.Slope == nil {
			for c := range scale {
				scale[c] *= 1e4 // differences are not exact
			}
		}
	})
	if e[2] == 0 {
		return e[0], 0
	}
	return e[0], e[1] / e[2]
}
