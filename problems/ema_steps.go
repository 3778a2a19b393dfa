package problems

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

// follow returns the path of a step from theta, which it begins with.
func follow(step optim.Step[float64], theta []float64, steps int, gradient func([]float64) []float64) ([][]float64, error) {
	p := &nn.Param[float64]{Value: tensor.From(slices.Clone(theta), len(theta)), Grad: tensor.New[float64](len(theta))}
	o, err := optim.New(nn.Params[float64]([]*nn.Param[float64]{p}), step)
	if err != nil {
		return nil, err
	}
	path := [][]float64{slices.Clone(theta)}
	for range steps {
		copy(p.Grad.Data, gradient(p.Value.Data))
		if err := o.Step(); err != nil {
			return nil, err
		}
		path = append(path, slices.Clone(p.Value.Data))
	}
	return path, nil
}

type sgdStepIn struct {
	Theta  []float64 `json:"theta"`
	G      []float64 `json:"g"`
	Eps    float64   `json:"eps"`
	Lambda float64   `json:"lambda"`
}

type sgdStepOut struct {
	Theta []float64 `json:"theta"`
}

func emaSGDStep() Operation {
	return operation(definition[sgdStepIn, sgdStepOut]{
		name:   "sgd_step",
		method: "differences of the regularised loss",
		solve: func(in sgdStepIn) (out sgdStepOut, err error) {
			if err := sameLength("theta", in.Theta, "g", in.G); err != nil {
				return out, err
			}
			step := optim.SGDStep[float64](1)
			step.Rate, step.Decay = optim.Constant(in.Eps), optim.Decay{Form: optim.Decoupled, Lambda: in.Lambda}
			path, err := follow(step, in.Theta, 1, func([]float64) []float64 { return in.G })
			if err != nil {
				return out, err
			}
			out.Theta = path[1]
			return out, nil
		},
		draw: func(rng *rand.Rand) sgdStepIn {
			n := 1 + rng.IntN(4)
			return sgdStepIn{Theta: normal(rng, n), G: normal(rng, n), Eps: between(rng, 0.01, 1), Lambda: between(rng, 0, 4)}
		},
		check: func(c *Comparison, in sgdStepIn, out sgdStepOut) {
			theta := slices.Clone(in.Theta)
			g := gradientOf(func() float64 { return dot(in.G, theta) + in.Lambda/2*dot(theta, theta) }, theta)
			for i := range theta {
				theta[i] -= in.Eps * g[i]
			}
			c.vector("theta", out.Theta, theta, 1e-9)
		},
	})
}

type proxStepIn struct {
	Theta    []float64 `json:"theta"`
	G        []float64 `json:"g"`
	EpsPrime float64   `json:"eps_prime"`
	Lambda   float64   `json:"lambda"`
	Centre   []float64 `json:"centre"`
}

type proxStepOut struct {
	Theta     []float64 `json:"theta"`
	Objective float64   `json:"objective"`
}

func emaProxStep() Operation {
	return operation(definition[proxStepIn, proxStepOut]{
		name:   "prox_step",
		method: "brute-force minimisation; slopes at the minimiser",
		solve: func(in proxStepIn) (out proxStepOut, err error) {
			if err := first(sameLength("theta", in.Theta, "g", in.G), sameLength("theta", in.Theta, "centre", in.Centre), prox.CheckStep(in.EpsPrime)); err != nil {
				return out, err
			}
			penalty := prox.Translate[float64]{Of: prox.L2[float64]{Lambda: in.Lambda}, By: in.Centre}
			step := optim.SGDStep[float64](1)
			step.Rate, step.Penalty = optim.Constant(in.EpsPrime), penalty
			path, err := follow(step, in.Theta, 1, func([]float64) []float64 { return in.G })
			if err != nil {
				return out, err
			}
			z := path[1]
			out.Theta = z
			out.Objective = penalty.Value(z) + prox.Euclidean[float64]{}.Divergence(z, in.Theta)/in.EpsPrime
			for i, g := range in.G {
				out.Objective += g * (z[i] - in.Theta[i])
			}
			return out, nil
		},
		draw: func(rng *rand.Rand) proxStepIn {
			n := 1 + rng.IntN(4)
			in := proxStepIn{Theta: normal(rng, n), G: normal(rng, n), EpsPrime: between(rng, 0.05, 2), Lambda: between(rng, 0, 4), Centre: normal(rng, n)}
			if rng.IntN(3) == 0 {
				in.Centre = make([]float64, n)
			}
			return in
		},
		check: func(c *Comparison, in proxStepIn, out proxStepOut) {
			if len(out.Theta) != len(in.Theta) {
				c.demand("theta", false)
				return
			}
			total := 0.0
			for i, from := range in.Theta {
				f := func(t float64) float64 {
					d, r := t-from, t-in.Centre[i]
					return in.G[i]*d + in.Lambda/2*r*r + d*d/(2*in.EpsPrime)
				}
				reach := 1 + math.Abs(from) + math.Abs(in.Centre[i]) + in.EpsPrime*math.Abs(in.G[i])
				_, best := minimise(f, -reach, reach, 50)
				total += best
				c.add("theta", math.Abs(slope(f, out.Theta[i]))*min(1, in.EpsPrime), 1e-7)
			}
			c.near("objective", out.Objective, total, 1e-9)
		},
	})
}

type stepMapIn struct {
	Eps    float64 `json:"eps"`
	Lambda float64 `json:"lambda"`
}

type stepMapOut struct {
	EpsPrime float64 `json:"eps_prime"`
	EpsBack  float64 `json:"eps_back"`
}

func emaStepMap() Operation {
	return operation(definition[stepMapIn, stepMapOut]{
		name:   "step_map",
		method: "both steps from random points",
		solve: func(in stepMapIn) (out stepMapOut, err error) {
			if out.EpsPrime, err = prox.ProximalStep(in.Eps, in.Lambda); err != nil {
				return out, err
			}
			out.EpsBack, err = prox.ExplicitStep(out.EpsPrime, in.Lambda)
			return out, err
		},
		draw: func(rng *rand.Rand) stepMapIn {
			in := stepMapIn{Eps: between(rng, 0.01, 1), Lambda: between(rng, 0, 1)}
			in.Lambda *= 0.98 / in.Eps
			return in
		},
		check: func(c *Comparison, in stepMapIn, out stepMapOut) {
			c.near("eps_back", out.EpsBack, in.Eps, 1e-12)
			for _, at := range [][2]float64{{1, 0}, {0, 1}, {-0.3, 2}} {
				theta, s := at[0], at[1]
				explicit := theta - in.Eps*(s+in.Lambda*theta)
				proximal := (theta - out.EpsPrime*s) / (1 + out.EpsPrime*in.Lambda)
				c.near("eps_prime", proximal, explicit, 1e-11)
			}
		},
	})
}
