package problems

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/prox"
)

type normProxIn struct {
	Rho   rho       `json:"rho"`
	Theta []float64 `json:"theta"`
	G     []float64 `json:"g"`
	Eps   float64   `json:"eps"`
}

type normProxOut struct {
	A         []float64 `json:"a"`
	ANorm     float64   `json:"a_norm"`
	L         float64   `json:"l"`
	Theta     []float64 `json:"theta,omitempty"`
	Objective float64   `json:"objective"`
	Sphere    *bool     `json:"sphere"`
	Unique    bool      `json:"unique"` // but for exact ties of φ, which rounding decides
}

func normProxStep() Operation {
	return operation(definition[normProxIn, normProxOut]{
		name:   "prox",
		method: "brute-force minimisation",
		solve: func(in normProxIn) (out normProxOut, err error) {
			rho, err := in.Rho.radial()
			if err := first(err, sameLength("theta", in.Theta, "g", in.G), prox.CheckStep(in.Eps)); err != nil {
				return out, err
			}
			a := make([]float64, len(in.Theta))
			for i := range a {
				a[i] = in.Theta[i] - in.Eps*in.G[i]
			}
			out.A, out.ANorm = a, norm(a)
			l, why, err := prox.Certify(rho, out.ANorm, in.Eps)
			if err != nil {
				return out, err
			}
			z := make([]float64, len(a))
			out.L, out.Objective = l, prox.Norm[float64]{Rho: rho}.Prox(z, a, in.Eps)
			for i := range z {
				d := z[i] - in.Theta[i]
				out.Objective += in.G[i]*d + d*d/(2*in.Eps)
			}
			out.Theta, out.Unique = z, why != prox.Sphere
			if why == prox.Sphere {
				out.Theta, out.Sphere = nil, new(true)
			}
			return out, nil
		},
		draw: func(rng *rand.Rand) normProxIn {
			n := 1 + rng.IntN(4)
			in := normProxIn{Rho: drawRho(rng), Theta: normal(rng, n), G: normal(rng, n), Eps: between(rng, 0.05, 2)}
			if rng.IntN(10) == 0 {
				in.Theta, in.G = make([]float64, n), make([]float64, n)
			}
			return in
		},
		check: checkNormProx,
	})
}

func checkNormProx(c *Comparison, in normProxIn, out normProxOut) {
	a, length := make([]float64, len(in.Theta)), 0.0
	for i := range a {
		a[i] = in.Theta[i] - in.Eps*in.G[i]
		length = math.Hypot(length, a[i])
	}
	c.vector("a", out.A, a, 1e-14)
	c.near("a_norm", out.ANorm, length, 1e-14)
	objective := func(theta []float64) float64 {
		value, r := 0.0, 0.0
		for i, t := range theta {
			d := t - in.Theta[i]
			value += in.G[i]*d + d*d/(2*in.Eps)
			r = math.Hypot(r, t)
		}
		return value + in.Rho.at(r)
	}
	along := func(l float64) float64 {
		theta := slices.Clone(a)
		for i := range theta {
			if length > 0 {
				theta[i] *= l / length
			}
		}
		if length == 0 && len(theta) > 0 {
			theta[0] = l
		}
		return objective(theta)
	}
	top := length
	if at := in.Rho.at(length); !math.IsInf(at, 1) {
		top += math.Sqrt(2*in.Eps*at) + 1e-9
	}
	_, best := minimise(along, 0, top, 300)
	c.near("objective", out.Objective, best, 1e-9)
	if length == 0 && out.L > 0 {
		c.demand("sphere", out.Sphere != nil && out.Theta == nil && !out.Unique)
		c.near("l", along(out.L), best, 1e-9)
		return
	}
	c.demand("sphere", out.Sphere == nil && out.Unique)
	if len(out.Theta) != len(a) {
		c.demand("theta", false)
		return
	}
	c.near("theta", objective(out.Theta), best, 1e-9)
	c.near("l", out.L, norm(out.Theta), 1e-12)
	// No other direction is better: the ends of the axes stand for all.
	for i := range a {
		for _, step := range []float64{-0.1, 0.1} {
			other := slices.Clone(out.Theta)
			other[i] += step
			c.atMost("theta", best, objective(other), 1e-9)
		}
	}
}

type normProxJacobianIn struct {
	Rho rho       `json:"rho"`
	A   []float64 `json:"a"`
	Eps float64   `json:"eps"`
}

type normProxJacobianOut struct {
	Jacobian [][]float64 `json:"jacobian"`
}

func normProxJacobian() Operation {
	return operation(definition[normProxJacobianIn, normProxJacobianOut]{
		name:   "prox_jacobian",
		method: "differences of the map",
		solve: func(in normProxJacobianIn) (out normProxJacobianOut, err error) {
			rho, err := in.Rho.radial()
			if err := first(err, prox.CheckStep(in.Eps), wantSteps("len(a)²", len(in.A)*len(in.A), 1)); err != nil {
				return out, err
			}
			n := len(in.A)
			flat := make([]float64, n*n)
			if err := prox.RadialJacobian(flat, in.A, rho, in.Eps); err != nil {
				return out, err
			}
			out.Jacobian = make([][]float64, n)
			for i := range out.Jacobian {
				out.Jacobian[i] = flat[i*n : (i+1)*n]
			}
			return out, nil
		},
		draw: func(rng *rand.Rand) normProxJacobianIn {
			a := normal(rng, 1+rng.IntN(4))
			a[0] += math.Copysign(0.5, a[0])
			return normProxJacobianIn{Rho: drawRho(rng), A: a, Eps: between(rng, 0.05, 1)}
		},
		check: func(c *Comparison, in normProxJacobianIn, out normProxJacobianOut) {
			rho, _ := in.Rho.radial() // drawn here, hence valid
			at := func(j int, h float64) []float64 {
				z := slices.Clone(in.A)
				z[j] += h
				prox.Norm[float64]{Rho: rho}.Prox(z, z, in.Eps)
				return z
			}
			const h = 1e-5
			for j := range in.A {
				// At a kink or a jump one side is right, and either may be.
				here, left, right := at(j, 0), at(j, -h), at(j, h)
				left2, right2 := at(j, -2*h), at(j, 2*h)
				for i := range in.A {
					got := out.Jacobian[i][j]
					e := math.Inf(1)
					for _, d := range []float64{
						(right[i] - left[i]) / (2 * h),
						(4*right[i] - right2[i] - 3*here[i]) / (2 * h),
						(3*here[i] - 4*left[i] + left2[i]) / (2 * h),
					} {
						e = min(e, math.Abs(got-d)/(1+math.Abs(d)))
					}
					c.add("jacobian", e, 1e-5)
				}
			}
		},
	})
}
