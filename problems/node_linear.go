package problems

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/moments"
)

type linearIIDIn struct {
	N     int     `json:"n"`
	MeanW float64 `json:"mean_w"`
	VarW  float64 `json:"var_w"`
	MeanX float64 `json:"mean_x"`
	VarX  float64 `json:"var_x"`
	MeanB float64 `json:"mean_b"`
	VarB  float64 `json:"var_b"`
}

type linearMomentsOut struct {
	Mean float64 `json:"mean_y"`
	Var  float64 `json:"var_y"`
}

// signs calls f with all vectors of n signs. Numbers m + s·sign are all that a
// mean and a variance say, so a mean over signs is an expectation exactly.
func signs(n int, f func([]float64)) {
	s := slices.Repeat([]float64{-1}, n)
	for {
		f(s)
		i := 0
		for i < n && s[i] > 0 {
			s[i] = -1
			i++
		}
		if i == n {
			return
		}
		s[i] = 1
	}
}

// momentsOf returns mean and variance of the values that visit hands out.
func momentsOf(visit func(add func(float64))) (mean, variance float64) {
	var values []float64
	visit(func(v float64) { values = append(values, v) })
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		variance += (v - mean) * (v - mean) / float64(len(values))
	}
	return mean, variance
}

func nodeLinearIID() Operation {
	return operation(definition[linearIIDIn, linearMomentsOut]{
		name:   "linear_moments_iid",
		method: "all values of variables of two values each",
		solve: func(in linearIIDIn) (out linearMomentsOut, err error) {
			out.Mean, out.Var, err = moments.LinearMomentsIID(in.N, in.MeanW, in.VarW, in.MeanX, in.VarX, in.MeanB, in.VarB)
			return out, err
		},
		draw: func(rng *rand.Rand) linearIIDIn {
			m, v := normal(rng, 3), uniform(rng, 3, 0, 2)
			return linearIIDIn{rng.IntN(4), m[0], v[0], m[1], v[1], m[2], v[2]}
		},
		check: func(c *Comparison, in linearIIDIn, out linearMomentsOut) {
			mean, variance := momentsOf(func(add func(float64)) {
				signs(2*in.N+1, func(s []float64) {
					y := in.MeanB + math.Sqrt(in.VarB)*s[2*in.N]
					for i := range in.N {
						y += (in.MeanW + math.Sqrt(in.VarW)*s[i]) * (in.MeanX + math.Sqrt(in.VarX)*s[in.N+i])
					}
					add(y)
				})
			})
			c.near("mean_y", out.Mean, mean, 1e-12)
			c.near("var_y", out.Var, variance, 1e-12)
		},
	})
}

type linearIn struct {
	MeanW []float64   `json:"mean_w"`
	CovW  [][]float64 `json:"cov_w"`
	MeanX []float64   `json:"mean_x"`
	CovX  [][]float64 `json:"cov_x"`
	MeanB float64     `json:"mean_b"`
	VarB  float64     `json:"var_b"`
}

// cholesky returns the lower triangular root of a positive definite matrix.
func cholesky(a [][]float64) [][]float64 {
	l := make([][]float64, len(a))
	for i := range a {
		l[i] = make([]float64, len(a))
		for j := range i + 1 {
			l[i][j] = a[i][j] - dot(l[i][:j], l[j][:j])
			if i == j {
				l[i][i] = math.Sqrt(l[i][i])
			} else {
				l[i][j] /= l[j][j]
			}
		}
	}
	return l
}

func nodeLinear() Operation {
	return operation(definition[linearIn, linearMomentsOut]{
		name:   "linear_moments",
		method: "all values of mixtures of variables of two values each",
		solve: func(in linearIn) (out linearMomentsOut, err error) {
			n := len(in.MeanW)
			if err := first(sameLength("mean_w", in.MeanW, "mean_x", in.MeanX), wantMatrix("cov_w", in.CovW, n, n), wantMatrix("cov_x", in.CovX, n, n)); err != nil {
				return out, err
			}
			out.Mean, out.Var, err = moments.LinearMoments(in.MeanW, in.CovW, in.MeanX, in.CovX, in.MeanB, in.VarB)
			return out, err
		},
		draw: func(rng *rand.Rand) linearIn {
			n := 1 + rng.IntN(3)
			b := normal(rng, 1)[0]
			return linearIn{normal(rng, n), definite(rng, n), normal(rng, n), definite(rng, n), b, between(rng, 0, 2)}
		},
		check: func(c *Comparison, in linearIn, out linearMomentsOut) {
			n := len(in.MeanW)
			rootW, rootX := cholesky(in.CovW), cholesky(in.CovX)
			mean, variance := momentsOf(func(add func(float64)) {
				signs(2*n+1, func(s []float64) {
					y := in.MeanB + math.Sqrt(in.VarB)*s[2*n]
					for i := range n {
						y += (in.MeanW[i] + dot(rootW[i], s[:n])) * (in.MeanX[i] + dot(rootX[i], s[n:2*n]))
					}
					add(y)
				})
			})
			c.near("mean_y", out.Mean, mean, 1e-11)
			c.near("var_y", out.Var, variance, 1e-11)
		},
	})
}

type kurtosisIn struct {
	N     int     `json:"n"`
	KurtW float64 `json:"kurt_w"`
	KurtX float64 `json:"kurt_x"`
}

type kurtosisOut struct {
	Kurtosis float64 `json:"kurtosis"`
}

func nodeKurtosis() Operation {
	return operation(definition[kurtosisIn, kurtosisOut]{
		name:   "linear_kurtosis_iid",
		method: "all values of variables of three values each",
		solve: func(in kurtosisIn) (out kurtosisOut, err error) {
			out.Kurtosis, err = moments.LinearKurtosisIID(in.N, in.KurtW, in.KurtX)
			return out, err
		},
		draw: func(rng *rand.Rand) kurtosisIn {
			return kurtosisIn{1 + rng.IntN(2), between(rng, 1, 6), between(rng, 1, 6)}
		},
		check: func(c *Comparison, in kurtosisIn, out kurtosisOut) {
			// 0, or ±√k with probability 1/(2k) each, has variance 1 and kurtosis k.
			kurtosis := []float64{in.KurtW, in.KurtX}
			m2, m4 := 0.0, 0.0
			var visit func(i int, weight, product, y float64)
			visit = func(i int, weight, product, y float64) {
				if i == 2*in.N {
					m2, m4 = m2+weight*y*y, m4+weight*y*y*y*y
					return
				}
				k := kurtosis[i%2]
				for _, sign := range []float64{-1, 0, 1} {
					p, v := 1/(2*k), sign*math.Sqrt(k)
					if sign == 0 {
						p = 1 - 1/k
					}
					if i%2 == 0 {
						visit(i+1, weight*p, v, y)
					} else {
						visit(i+1, weight*p, 1, y+product*v)
					}
				}
			}
			visit(0, 1, 1, 0)
			c.near("kurtosis", out.Kurtosis, m4/(m2*m2), 1e-11)
		},
	})
}

type empiricalIn struct {
	W [][]float64 `json:"W"`
	B []float64   `json:"b"`
	X [][]float64 `json:"X"`
}

type empiricalOut struct {
	Mean []float64   `json:"mean_y"`
	Var  []float64   `json:"var_y"`
	Cov  [][]float64 `json:"cov_y"`
}

func nodeEmpirical() Operation {
	return operation(definition[empiricalIn, empiricalOut]{
		name:   "empirical_linear",
		method: "the outputs of all examples",
		solve: func(in empiricalIn) (out empiricalOut, err error) {
			n := columns(in.W)
			if err := first(wantMatrix("X", in.X, len(in.X), n), wantLength("b", in.B, len(in.W), "one for each row of W")); err != nil {
				return out, err
			}
			if out.Mean, out.Cov, err = moments.EmpiricalLinear(in.W, in.B, in.X); err != nil {
				return out, err
			}
			out.Var = make([]float64, len(out.Cov))
			for i := range out.Cov {
				out.Var[i] = out.Cov[i][i]
			}
			return out, nil
		},
		draw: func(rng *rand.Rand) empiricalIn {
			m, n := 1+rng.IntN(3), 1+rng.IntN(3)
			return empiricalIn{normals(rng, m, n), normal(rng, m), normals(rng, 1+rng.IntN(6), n)}
		},
		check: func(c *Comparison, in empiricalIn, out empiricalOut) {
			m, total := len(in.W), float64(len(in.X))
			y := make([][]float64, m)
			mean, variance, cov := make([]float64, m), make([]float64, m), make([][]float64, m)
			for i, w := range in.W {
				for _, x := range in.X {
					v := dot(w, x) + in.B[i]
					y[i] = append(y[i], v)
					mean[i] += v / total
				}
			}
			for i := range y {
				cov[i] = make([]float64, m)
				for j := range y {
					for s := range in.X {
						cov[i][j] += (y[i][s] - mean[i]) * (y[j][s] - mean[j]) / total
					}
				}
				variance[i] = cov[i][i]
			}
			c.vector("mean_y", out.Mean, mean, 1e-12)
			c.vector("var_y", out.Var, variance, 1e-12)
			c.matrix("cov_y", out.Cov, cov, 1e-12)
		},
	})
}
