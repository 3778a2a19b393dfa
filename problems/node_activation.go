package problems

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/moments"
)

type activationIn struct {
	Activation string  `json:"activation"`
	Alpha      float64 `json:"alpha"`
	Mean       float64 `json:"mean"`
	Var        float64 `json:"var"`
}

type activationOut struct {
	Mean     float64  `json:"mean"`
	Second   float64  `json:"second_moment"`
	Variance float64  `json:"variance"`
	Deriv    *float64 `json:"deriv_second_moment"`
}

// plainActivation is an activation and its derivative as they are written.
func plainActivation(name string, alpha float64) (phi, slope func(float64) float64) {
	switch name {
	case "relu":
		alpha = 0
	case "identity":
		alpha = 1
	case "tanh":
		return math.Tanh, func(z float64) float64 { t := math.Tanh(z); return 1 - t*t }
	case "sigmoid":
		sigmoid := func(z float64) float64 { return 1 / (1 + math.Exp(-z)) }
		return sigmoid, func(z float64) float64 { s := sigmoid(z); return s * (1 - s) }
	}
	slope = func(z float64) float64 {
		if z > 0 {
			return 1
		}
		return alpha
	}
	return func(z float64) float64 { return z * slope(z) }, slope
}

func drawActivation(rng *rand.Rand) (name string, alpha float64) {
	name = []string{"identity", "relu", "leaky_relu", "tanh", "sigmoid"}[rng.IntN(5)]
	if name == "leaky_relu" {
		alpha = between(rng, 0.01, 0.5)
	}
	return name, alpha
}

func nodeActivation() Operation {
	return operation(definition[activationIn, activationOut]{
		name:   "activation_gaussian",
		method: "quadrature",
		solve: func(in activationIn) (out activationOut, err error) {
			f, err := moments.FunctionNamed(in.Activation, in.Alpha)
			if err != nil {
				return out, invalid("%v", err)
			}
			m, err := moments.GaussianThrough(f, in.Mean, in.Var)
			if err != nil {
				return out, err
			}
			out = activationOut{Mean: m.Mean, Second: m.SecondMoment, Variance: m.Variance}
			if in.Var > 0 {
				out.Deriv = &m.SlopeSecondMoment
			}
			return out, nil
		},
		draw: func(rng *rand.Rand) (in activationIn) {
			in.Activation, in.Alpha = drawActivation(rng)
			in.Mean, in.Var = normal(rng, 1)[0], between(rng, 0.01, 4)
			if rng.IntN(10) == 0 {
				in.Var = 0
			}
			return in
		},
		check: func(c *Comparison, in activationIn, out activationOut) {
			phi, slope := plainActivation(in.Activation, in.Alpha)
			mean := expectNormal(phi, in.Mean, in.Var)
			square := func(f func(float64) float64, from float64) float64 {
				return expectNormal(func(z float64) float64 { d := f(z) - from; return d * d }, in.Mean, in.Var)
			}
			c.near("mean", out.Mean, mean, 1e-11)
			c.near("second_moment", out.Second, square(phi, 0), 1e-11)
			c.near("variance", out.Variance, square(phi, mean), 1e-11)
			c.demand("deriv_second_moment", (out.Deriv != nil) == (in.Var > 0))
			if out.Deriv != nil {
				c.near("deriv_second_moment", *out.Deriv, square(slope, 0), 1e-11)
			}
		},
	})
}

type gainIn struct {
	Activation string  `json:"activation"`
	Alpha      float64 `json:"alpha"`
}

type gainOut struct {
	Exact        float64 `json:"gain_exact"`
	Conventional float64 `json:"gain_conventional"`
}

func nodeGain() Operation {
	return operation(definition[gainIn, gainOut]{
		name:   "gain",
		method: "quadrature; PyTorch's table",
		solve: func(in gainIn) (out gainOut, err error) {
			f, err := moments.FunctionNamed(in.Activation, in.Alpha)
			if err != nil {
				return out, invalid("%v", err)
			}
			g, err := moments.Gain(f)
			return gainOut{g.Forward, g.Conventional}, err
		},
		draw: func(rng *rand.Rand) (in gainIn) {
			in.Activation, in.Alpha = drawActivation(rng)
			return in
		},
		check: func(c *Comparison, in gainIn, out gainOut) {
			phi, _ := plainActivation(in.Activation, in.Alpha)
			second := expectNormal(func(z float64) float64 { return phi(z) * phi(z) }, 0, 1)
			c.near("gain_exact", out.Exact*math.Sqrt(second), 1, 1e-11)
			conventional := 1.0
			switch in.Activation {
			case "relu":
				conventional = math.Sqrt2
			case "leaky_relu":
				conventional = math.Sqrt(2 / (1 + in.Alpha*in.Alpha))
			case "tanh":
				conventional = 5.0 / 3
			}
			c.near("gain_conventional", out.Conventional, conventional, 1e-14)
		},
	})
}

type denseLayer struct {
	FanIn      int     `json:"fan_in"`
	VarW       float64 `json:"var_w"`
	VarB       float64 `json:"var_b"`
	Activation string  `json:"activation"`
	Alpha      float64 `json:"alpha"`
}

type propagateIn struct {
	Second float64      `json:"second_moment_x"`
	Layers []denseLayer `json:"layers"`
}

type propagateOut struct {
	Pre  []float64 `json:"pre_variance"`
	Post []float64 `json:"post_second_moment"`
}

func nodePropagate() Operation {
	return operation(definition[propagateIn, propagateOut]{
		name:   "propagate_variance",
		method: "the recursion with quadrature",
		solve: func(in propagateIn) (out propagateOut, err error) {
			layers := make([]moments.DenseLayer, len(in.Layers))
			for i, l := range in.Layers {
				f, err := moments.FunctionNamed(l.Activation, l.Alpha)
				if err != nil {
					return out, invalid("layer %d: %v", i, err)
				}
				layers[i] = moments.DenseLayer{FanIn: l.FanIn, WeightVariance: l.VarW, BiasVariance: l.VarB, Activation: f}
			}
			out.Pre, out.Post, err = moments.PropagateVariance(in.Second, layers)
			return out, err
		},
		draw: func(rng *rand.Rand) propagateIn {
			in := propagateIn{Second: between(rng, 0.1, 2), Layers: make([]denseLayer, 1+rng.IntN(3))}
			for i := range in.Layers {
				fan := 1 + rng.IntN(50)
				in.Layers[i] = denseLayer{FanIn: fan, VarW: between(rng, 0.5, 2) / float64(fan), VarB: between(rng, 0, 0.5)}
				in.Layers[i].Activation, in.Layers[i].Alpha = drawActivation(rng)
			}
			return in
		},
		check: func(c *Comparison, in propagateIn, out propagateOut) {
			second := in.Second
			var pre, post []float64
			for _, l := range in.Layers {
				q := float64(l.FanIn)*l.VarW*second + l.VarB
				phi, _ := plainActivation(l.Activation, l.Alpha)
				second = expectNormal(func(z float64) float64 { return phi(z) * phi(z) }, 0, q)
				pre, post = append(pre, q), append(post, second)
			}
			c.vector("pre_variance", out.Pre, pre, 1e-10)
			c.vector("post_second_moment", out.Post, post, 1e-10)
		},
	})
}

type backwardLayer struct {
	FanOut int     `json:"fan_out"`
	VarW   float64 `json:"var_w"`
	Deriv  float64 `json:"deriv_second_moment"`
}

type backwardIn struct {
	VarDelta float64         `json:"var_delta"`
	Layers   []backwardLayer `json:"layers"`
}

type backwardOut struct {
	VarDelta []float64 `json:"var_delta"`
}

func nodeBackward() Operation {
	return operation(definition[backwardIn, backwardOut]{
		name:   "backward_variance",
		method: "logarithms of the factors, summed",
		solve: func(in backwardIn) (out backwardOut, err error) {
			layers := make([]moments.BackwardLayer, len(in.Layers))
			for i, l := range in.Layers {
				layers[i] = moments.BackwardLayer{FanOut: l.FanOut, WeightVariance: l.VarW, SlopeSecondMoment: l.Deriv}
			}
			out.VarDelta, err = moments.BackwardVariance(in.VarDelta, layers)
			return out, err
		},
		draw: func(rng *rand.Rand) backwardIn {
			in := backwardIn{VarDelta: between(rng, 0.1, 2), Layers: make([]backwardLayer, 1+rng.IntN(4))}
			for i := range in.Layers {
				fan := 1 + rng.IntN(50)
				in.Layers[i] = backwardLayer{fan, between(rng, 0.5, 2) / float64(fan), between(rng, 0.1, 1)}
			}
			return in
		},
		check: func(c *Comparison, in backwardIn, out backwardOut) {
			log := math.Log(in.VarDelta)
			var want []float64
			for _, l := range in.Layers {
				log += math.Log(float64(l.FanOut)) + math.Log(l.VarW) + math.Log(l.Deriv)
				want = append(want, math.Exp(log))
			}
			c.vector("var_delta", out.VarDelta, want, 1e-12)
		},
	})
}
