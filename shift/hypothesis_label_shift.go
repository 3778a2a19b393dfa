package shift

import (
	"slices"
	"sort"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/losses"
	"gonum.org/v1/gonum/mat"
)

// TestLabelShift tests whether the target differs from the source by its
// priors only. Then the distribution m of predictions on the target is a
// mixture Σ_k π_k c_k of the distributions c_k on the source rows of class k.
// Predictions are sorted into cells, the most probable class times levels ≥ 2
// of its probability (cut at quantiles of the pooled rows; cells of fewer than
// ten are joined). The statistic is
//
//	min over π of (m − Cπ)' V⁻¹ (m − Cπ),  V = cov(m)/N + Σ_k π_k² cov(c_k)/N_k
//
// which under the hypothesis has, for many rows, the chi-square distribution
// with cells − classes degrees of freedom. V holds the noise of the source
// too, and nothing is assumed of calibration. A small p-value says that a
// change of priors does not explain the target, and none of the corrections
// of this package is to be trusted. What leaves the predictions alone it
// cannot see. It returns an invalid_parameter where there are too few cells.
func TestLabelShift(s Sample, levels int) (*Test, error) {
	if levels < 2 {
		return nil, domain.Errorf(domain.InvalidParameter, "%d levels: want at least 2", levels)
	}
	prior, err := Frequencies(s.Labels, s.Source.Classes)
	if err != nil {
		return nil, err
	}
	source, err := losses.TopLabel(s.Source, s.Labels)
	if err != nil {
		return nil, err
	}
	if s.Target.Classes != s.Source.Classes || s.Target.Rows() == 0 {
		return nil, domain.Errorf(domain.ShapeMismatch, "target [%d %d] and source [%d %d]: want rows of the same classes", s.Target.Rows(), s.Target.Classes, s.Source.Rows(), s.Source.Classes)
	}
	target, err := losses.TopLabel(s.Target, make([]int, s.Target.Rows()))
	if err != nil {
		return nil, err
	}
	cellOf := cells(append(s.Source.Argmax(), s.Target.Argmax()...), append(slices.Clone(source.P), target.P...), s.Source.Classes, levels)
	count := slices.Max(cellOf) + 1
	var present []int // columns of C: the classes of the source
	column := make([]int, len(prior))
	for k, p := range prior {
		if column[k] = len(present); p > 0 {
			present = append(present, k)
		}
	}
	if count <= len(present) {
		return nil, domain.Errorf(domain.InvalidParameter, "%d cells of ten rows for %d classes: want more rows or levels", count, len(present))
	}
	c, n := mat.NewDense(count, len(present), nil), make([]float64, len(present))
	for i, y := range s.Labels {
		c.Set(cellOf[i], column[y], c.At(cellOf[i], column[y])+1)
		n[column[y]]++
	}
	for j, total := range n {
		for i := range count {
			c.Set(i, j, c.At(i, j)/total)
		}
	}
	m := mat.NewVecDense(count, nil)
	for _, cell := range cellOf[len(s.Labels):] {
		m.SetVec(cell, m.AtVec(cell)+1/float64(s.Target.Rows()))
	}
	return mixtureTest(c, n, m, float64(s.Target.Rows()))
}

// cells numbers the rows by class and level of p, from 0 without gaps; levels
// of fewer than ten rows are joined with the one below, classes of fewer with
// the class before.
func cells(class []int, p []float64, classes, levels int) []int {
	const least = 10
	rows := make([][]int, classes)
	for i, k := range class {
		rows[k] = append(rows[k], i)
	}
	cell, at, size := make([]int, len(class)), 0, 0
	for _, in := range rows {
		sort.Slice(in, func(a, b int) bool { return p[in[a]] < p[in[b]] })
		for l := range levels {
			lo, hi := l*len(in)/levels, (l+1)*len(in)/levels
			if size >= least && len(in[lo:]) >= least && hi-lo >= least {
				at, size = at+1, 0
			}
			for _, i := range in[lo:hi] {
				cell[i] = at
			}
			size += hi - lo
		}
	}
	return cell
}

// mixtureTest fits m ≈ Cπ, Σπ = 1, by generalised least squares and tests the
// fit; n are the rows behind each column of C, and total those behind m.
func mixtureTest(c *mat.Dense, n []float64, m *mat.VecDense, total float64) (*Test, error) {
	cells, classes := c.Dims()
	d := cells - 1 // the shares sum to 1: the last says nothing new
	pi := make([]float64, classes)
	for k := range pi {
		pi[k] = 1 / float64(classes)
	}
	var statistic float64
	for range 20 { // V depends on π; it settles in a few rounds
		v := mat.NewSymDense(d, nil)
		addCovariance(v, m, 1/total)
		for k := range pi {
			addCovariance(v, c.ColView(k), pi[k]*pi[k]/n[k])
		}
		var f mat.Cholesky
		if !f.Factorize(v) {
			return nil, domain.Errorf(domain.Singular, "the covariance of %d cells: want fewer levels or more rows", cells)
		}
		// With π_last = 1 − Σ others: m − c_last ≈ B β.
		b, y := mat.NewDense(d, classes-1, nil), mat.NewVecDense(d, nil)
		for i := range d {
			last := c.At(i, classes-1)
			y.SetVec(i, m.AtVec(i)-last)
			for k := range classes - 1 {
				b.Set(i, k, c.At(i, k)-last)
			}
		}
		residual := mat.VecDenseCopyOf(y)
		if classes > 1 {
			var vb, normal mat.Dense
			var vy, right, beta, fit mat.VecDense
			if f.SolveTo(&vb, b) != nil || f.SolveVecTo(&vy, y) != nil {
				return nil, domain.Errorf(domain.Singular, "the covariance of the cells")
			}
			normal.Mul(b.T(), &vb)
			right.MulVec(b.T(), &vy)
			if err := beta.SolveVec(&normal, &right); err != nil {
				return nil, domain.Errorf(domain.Singular, "predictions do not tell the classes apart: %v", err)
			}
			fit.MulVec(b, &beta)
			residual.SubVec(y, &fit)
			pi[classes-1] = 1
			for k := range classes - 1 {
				pi[k] = beta.AtVec(k)
				pi[classes-1] -= pi[k]
			}
		}
		var vr mat.VecDense
		if err := f.SolveVecTo(&vr, residual); err != nil {
			return nil, domain.Errorf(domain.Singular, "the covariance of the cells: %v", err)
		}
		statistic = mat.Dot(residual, &vr)
	}
	return chiSquare(statistic, cells-classes), nil
}

// addCovariance adds scale·(diag p − p p') without the last cell.
func addCovariance(v *mat.SymDense, p mat.Vector, scale float64) {
	d := v.SymmetricDim()
	for i := range d {
		v.SetSym(i, i, v.At(i, i)+scale*p.AtVec(i))
		for j := range i + 1 {
			v.SetSym(i, j, v.At(i, j)-scale*p.AtVec(i)*p.AtVec(j))
		}
	}
}
