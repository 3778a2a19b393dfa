package problems

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/prox"
)

// rho is a radial penalty as JSON: a kind and its own parameters, no others.
type rho struct {
	Kind    string   `json:"kind"`
	Lambda  *float64 `json:"lambda"`
	Lambda1 *float64 `json:"lambda1"`
	Lambda2 *float64 `json:"lambda2"`
	Delta   *float64 `json:"delta"`
	S       *float64 `json:"s"`
	P       *float64 `json:"p"`
	C       *float64 `json:"c"`
	Omega   *float64 `json:"omega"`
}

// parameters lists the parameters in the order of the fields, with their names.
func (r *rho) parameters() ([]**float64, []string) {
	return []**float64{&r.Lambda, &r.Lambda1, &r.Lambda2, &r.Delta, &r.S, &r.P, &r.C, &r.Omega},
		[]string{"lambda", "lambda1", "lambda2", "delta", "s", "p", "c", "omega"}
}

// rhoKinds returns the names of the parameters of each kind.
func rhoKinds() map[string][]string {
	return map[string][]string{
		"zero": {}, "linear": {"lambda"}, "quadratic": {"lambda"}, "elastic_net": {"lambda1", "lambda2"},
		"huber": {"lambda", "delta"}, "log": {"lambda", "s"}, "power": {"lambda", "p"}, "ball": {"c"},
		"shifted_quadratic": {"lambda", "c"}, "pseudo_huber": {"lambda", "delta"},
		"exp_decay": {"lambda", "s"}, "cosine": {"lambda", "omega"},
	}
}

// values returns the parameters of r's kind, in the order of rhoKinds.
func (r *rho) values() ([]float64, error) {
	wanted, ok := rhoKinds()[r.Kind]
	if !ok {
		return nil, invalid("rho: no kind %q", r.Kind)
	}
	fields, names := r.parameters()
	values := make([]float64, len(wanted))
	for i, name := range names {
		at := slices.Index(wanted, name)
		switch given := *fields[i]; {
		case at >= 0 && given == nil:
			return nil, domain.Errorf(BadInput, "rho: %s lacks %q", r.Kind, name)
		case at < 0 && given != nil:
			return nil, domain.Errorf(BadInput, "rho: %s has no parameter %q", r.Kind, name)
		case at >= 0:
			values[at] = *given
		}
	}
	return values, nil
}

// radial returns the penalty of package prox.
func (r *rho) radial() (prox.Smooth, error) {
	v, err := r.values()
	if err != nil {
		return nil, err
	}
	switch r.Kind {
	case "linear":
		return prox.Linear{Lambda: v[0]}, nil
	case "quadratic":
		return prox.Quadratic{Lambda: v[0]}, nil
	case "elastic_net":
		return prox.LinearQuadratic{Lambda1: v[0], Lambda2: v[1]}, nil
	case "huber":
		return prox.Huber{Lambda: v[0], Delta: v[1]}, nil
	case "log":
		return prox.Log{Lambda: v[0], Scale: v[1]}, nil
	case "power":
		return prox.Power{Lambda: v[0], P: v[1]}, nil
	case "ball":
		return prox.Ball{Radius: v[0]}, nil
	case "shifted_quadratic":
		return prox.ShiftedQuadratic{Lambda: v[0], Centre: v[1]}, nil
	case "pseudo_huber":
		return prox.PseudoHuber{Lambda: v[0], Delta: v[1]}, nil
	case "exp_decay":
		return prox.ExpDecay{Lambda: v[0], Scale: v[1]}, nil
	case "cosine":
		return prox.Cosine{Lambda: v[0], Omega: v[1]}, nil
	}
	return prox.RadialZero{}, nil
}

// at returns ρ(r) by its definition, for the checks.
func (r *rho) at(l float64) float64 {
	v, _ := r.values() // drawn here, hence complete
	switch r.Kind {
	case "linear":
		return v[0] * l
	case "quadratic":
		return v[0] * l * l / 2
	case "elastic_net":
		return v[0]*l + v[1]*l*l/2
	case "huber":
		if l <= v[1] {
			return v[0] * l * l / 2
		}
		return v[0] * v[1] * (l - v[1]/2)
	case "log":
		return v[0] * math.Log(1+l/v[1])
	case "power":
		return v[0] * math.Pow(l, v[1])
	case "ball":
		if l > v[0]*(1+1e-12) {
			return math.Inf(1)
		}
	case "shifted_quadratic":
		return v[0] * (l - v[1]) * (l - v[1]) / 2
	case "pseudo_huber":
		return v[0] * (math.Sqrt(l*l+v[1]*v[1]) - v[1])
	case "exp_decay":
		return v[0] * math.Exp(-l/v[1])
	case "cosine":
		return v[0] * (1 - math.Cos(v[1]*l))
	}
	return 0
}

// drawRho returns a penalty of any kind.
func drawRho(rng *rand.Rand) rho {
	kinds := []string{"zero", "linear", "quadratic", "elastic_net", "huber", "log", "power", "ball", "shifted_quadratic", "pseudo_huber", "exp_decay", "cosine"}
	r := rho{Kind: kinds[rng.IntN(len(kinds))]}
	fields, names := r.parameters()
	for _, wanted := range rhoKinds()[r.Kind] {
		value := between(rng, 0.1, 3)
		if wanted == "p" && rng.IntN(2) == 0 {
			value = []float64{0.5, 1, 1.5, 2, 3, 4}[rng.IntN(6)]
		}
		*fields[slices.Index(names, wanted)] = &value
	}
	return r
}
