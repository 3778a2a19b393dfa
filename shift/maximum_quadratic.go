package shift

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// quadratic returns the x ≥ 0 that minimises x'Hx/2 − c'x, with x_k = 0 where
// free is false, by the active-set method of Lawson and Hanson (1974, ch. 23)
// from a start ≥ 0. H [n][n] is positive semidefinite; a share of 1e-12 of
// its trace is added, which picks one minimiser where there are many.
func quadratic(h, c, start []float64, free []bool) []float64 {
	n := len(c)
	var trace float64
	for k := range n {
		trace += h[k*n+k]
	}
	ridge := 1e-12 * trace / float64(n)
	x := append([]float64(nil), start...)
	passive := make([]bool, n)
	for k := range x {
		passive[k] = x[k] > 0
	}
	for range 3 * n {
		for !stepTo(x, solveOn(h, c, ridge, passive), passive) {
		}
		// The free variable at 0 that gains most by leaving it.
		best, gain := -1, 1e-14*(1+trace)
		for k := range n {
			if passive[k] || !free[k] {
				continue
			}
			g := c[k]
			for j, v := range x {
				g -= h[k*n+j] * v
			}
			if g > gain {
				best, gain = k, g
			}
		}
		if best < 0 {
			break
		}
		passive[best] = true
	}
	return x
}

// stepTo moves x towards the solution s on the passive set until a variable
// reaches 0, takes that one out, and reports whether x arrived.
func stepTo(x, s []float64, passive []bool) bool {
	t, stop := 1.0, -1
	for k, p := range passive {
		if p && s[k] <= 0 {
			if r := x[k] / (x[k] - s[k]); r < t || stop < 0 {
				t, stop = math.Min(r, 1), k
			}
		}
	}
	if stop < 0 {
		copy(x, s)
		return true
	}
	for k := range x {
		if passive[k] {
			x[k] = math.Max(0, x[k]+t*(s[k]-x[k]))
		}
	}
	x[stop], passive[stop] = 0, false
	return false
}

// solveOn solves (H + ridge)x = c on the passive set; x is 0 elsewhere.
func solveOn(h, c []float64, ridge float64, passive []bool) []float64 {
	n := len(c)
	x := make([]float64, n)
	var at []int
	for k, p := range passive {
		if p {
			at = append(at, k)
		}
	}
	if len(at) == 0 {
		return x
	}
	a, b := mat.NewSymDense(len(at), nil), mat.NewVecDense(len(at), nil)
	for i, k := range at {
		b.SetVec(i, c[k])
		for j := range i + 1 {
			a.SetSym(i, j, h[k*n+at[j]])
		}
		a.SetSym(i, i, h[k*n+k]+ridge)
	}
	var f mat.Cholesky
	for grow := ridge; !f.Factorize(a); grow *= 10 {
		if grow == 0 || math.IsInf(grow, 1) || math.IsNaN(grow) {
			return x
		}
		for i := range at {
			a.SetSym(i, i, a.At(i, i)+grow)
		}
	}
	solution := mat.NewVecDense(len(at), nil)
	if f.SolveVecTo(solution, b) != nil && f.Cond() > 1e17 {
		return x
	}
	for i, k := range at {
		x[k] = solution.AtVec(i)
	}
	return x
}
