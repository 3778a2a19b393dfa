package prox_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/prox"
)

// radialSpec is how the reference cases describe ρ.
type radialSpec struct {
	Kind                                            string
	Lambda, Lambda1, Lambda2, Delta, S, P, C, Omega float64
}

func (r radialSpec) radial() (prox.Smooth, error) {
	switch r.Kind {
	case "zero":
		return prox.RadialZero{}, nil
	case "linear":
		return prox.Linear{Lambda: r.Lambda}, nil
	case "quadratic":
		return prox.Quadratic{Lambda: r.Lambda}, nil
	case "elastic_net":
		return prox.LinearQuadratic{Lambda1: r.Lambda1, Lambda2: r.Lambda2}, nil
	case "huber":
		return prox.Huber{Lambda: r.Lambda, Delta: r.Delta}, nil
	case "log":
		return prox.Log{Lambda: r.Lambda, Scale: r.S}, nil
	case "power":
		return prox.Power{Lambda: r.Lambda, P: r.P}, nil
	case "ball":
		return prox.Ball{Radius: r.C}, nil
	case "shifted_quadratic":
		return prox.ShiftedQuadratic{Lambda: r.Lambda, Centre: r.C}, nil
	case "pseudo_huber":
		return prox.PseudoHuber{Lambda: r.Lambda, Delta: r.Delta}, nil
	case "exp_decay":
		return prox.ExpDecay{Lambda: r.Lambda, Scale: r.S}, nil
	case "cosine":
		return prox.Cosine{Lambda: r.Lambda, Omega: r.Omega}, nil
	}
	return nil, fmt.Errorf("unknown kind %q", r.Kind)
}

func TestNormReference(t *testing.T) {
	runReference(t, "testdata/norm_prox.json", func(op string, inputs func(any)) (map[string]any, error) {
		var in struct {
			Rho         radialSpec
			Theta, G, A []float64
			Eps         float64
		}
		inputs(&in)
		rho, err := in.Rho.radial()
		if err != nil {
			return nil, err
		}
		switch op {
		case "prox":
			return normProx(rho, in.Theta, in.G, in.Eps)
		case "prox_jacobian":
			n := len(in.A)
			flat := make([]float64, n*n)
			err := prox.RadialJacobian(flat, in.A, rho, in.Eps)
			return map[string]any{"jacobian": slices.Collect(slices.Chunk(flat, n))}, err
		}
		return nil, fmt.Errorf("unknown operation %q", op)
	})
}

func normProx(rho prox.Radial, theta, g []float64, eps float64) (map[string]any, error) {
	a := make([]float64, len(theta))
	for i := range a {
		a[i] = theta[i] - eps*g[i]
	}
	norm := 0.0
	for _, v := range a {
		norm = math.Hypot(norm, v)
	}
	l, why, err := prox.Certify(rho, norm, eps)
	if err != nil {
		return nil, err
	}
	z := make([]float64, len(a))
	objective := prox.Norm[float64]{Rho: rho}.Prox(z, a, eps)
	for i := range z {
		d := z[i] - theta[i]
		objective += g[i]*d + d*d/(2*eps)
	}
	return map[string]any{
		"a": a, "a_norm": norm, "l": l, "theta": z, "objective": objective, "sphere": why == prox.Sphere,
	}, nil
}
