package optim_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

type inputs struct {
	Q                   [][]float64 `json:"-"` // encoding/json does not tell Q from q
	Smooth              float64     `json:"-"` // q
	Grads               [][]float64
	C, Theta0, Theta, G []float64
	Init, Centre        []float64
	Lambda              float64 `json:"lambda"`
	EpsPrime            float64 `json:"eps_prime"`
	Eps, LR, Momentum   float64
	T, Steps            int
	Mode                string
	BiasCorrection      bool `json:"bias_correction"`
	Nesterov            bool
}

// TestReference runs the cases of problem 3, which are a copy of the project's
// reference cases, through the optimisers.
func TestReference(t *testing.T) {
	text, err := os.ReadFile("testdata/ema_proximal_sgd.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, Op  string
		Inputs    json.RawMessage
		Expected  map[string]json.RawMessage
		Tolerance struct{ Abs, Rel float64 }
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			got, err := answer(c.Op, c.Inputs)
			if code, ok := c.Expected["error"]; ok {
				e := new(prox.DomainError)
				if !errors.As(err, &e) || fmt.Sprintf("%q", e.Code) != string(code) {
					t.Fatalf("error %v, want code %s", err, code)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for field, text := range c.Expected {
				var want any
				if err := json.Unmarshal(text, &want); err != nil {
					t.Fatal(err)
				}
				g, w := flatten(got[field]), flatten(want)
				if len(g) != len(w) || len(w) == 0 {
					t.Fatalf("%s is %v, want %v", field, g, w)
				}
				for i := range w {
					if !(math.Abs(g[i]-w[i]) <= c.Tolerance.Abs+c.Tolerance.Rel*math.Abs(w[i])) {
						t.Errorf("%s[%d] is %v, want %v", field, i, g[i], w[i])
					}
				}
			}
		})
	}
}

// flatten lists the numbers of nested slices in order.
func flatten(v any) (x []float64) {
	switch v := v.(type) {
	case float64:
		return []float64{v}
	case []float64:
		return v
	case [][]float64:
		return slices.Concat(v...)
	case []any:
		for _, e := range v {
			x = append(x, flatten(e)...)
		}
	}
	return x
}

func answer(op string, text json.RawMessage) (map[string]any, error) {
	var in inputs
	if err := json.Unmarshal(text, &in); err != nil {
		return nil, err
	}
	var exact map[string]json.RawMessage
	if err := json.Unmarshal(text, &exact); err != nil {
		return nil, err
	}
	if q, ok := exact["Q"]; ok {
		if err := json.Unmarshal(q, &in.Q); err != nil {
			return nil, err
		}
	}
	if q, ok := exact["q"]; ok {
		if err := json.Unmarshal(q, &in.Smooth); err != nil {
			return nil, err
		}
	}
	step := optim.SGDStep[float64](1)
	switch op {
	case "ema":
		smoothed, err := average(optim.EMA[float64]{Q: in.Smooth}, in.Init, in.Grads)
		if err != nil {
			return nil, err
		}
		corrected, err := average(optim.EMA[float64]{Q: in.Smooth, Start: optim.BiasCorrected}, in.Init, in.Grads)
		return map[string]any{"smoothed": smoothed, "corrected": corrected}, err
	case "ema_factors":
		f := optim.EMA[float64]{Q: in.Smooth}.Factors(in.T)
		return map[string]any{
			"weight_sum": f.WeightSum, "variance_factor": f.Variance,
			"corrected_variance_factor": f.CorrectedVariance, "stationary_variance_factor": f.StationaryVariance,
		}, nil
	case "sgd_step":
		step.Rate, step.Decay = optim.Constant(in.Eps), optim.Decay{Form: optim.Decoupled, Lambda: in.Lambda}
		path, err := follow(step, in.Theta, 1, func([]float64) []float64 { return in.G })
		return map[string]any{"theta": path[1]}, err
	case "prox_step":
		if err := prox.CheckStep(in.EpsPrime); err != nil {
			return nil, err
		}
		penalty := prox.Translate[float64]{Of: prox.L2[float64]{Lambda: in.Lambda}, By: in.Centre}
		step.Rate, step.Penalty = optim.Constant(in.EpsPrime), penalty
		path, err := follow(step, in.Theta, 1, func([]float64) []float64 { return in.G })
		if err != nil {
			return nil, err
		}
		z := path[1]
		objective := penalty.Value(z) + prox.Euclidean[float64]{}.Divergence(z, in.Theta)/in.EpsPrime
		for i, g := range in.G {
			objective += g * (z[i] - in.Theta[i])
		}
		return map[string]any{"theta": z, "objective": objective}, nil
	case "step_map":
		prime, err := prox.ProximalStep(in.Eps, in.Lambda)
		if err != nil {
			return nil, err
		}
		back, err := prox.ExplicitStep(prime, in.Lambda)
		return map[string]any{"eps_prime": prime, "eps_back": back}, err
	case "trajectory":
		ema := optim.EMA[float64]{Q: in.Smooth}
		if in.BiasCorrection {
			ema.Start = optim.BiasCorrected
		}
		step.Estimator, step.Rate = ema, optim.Constant(in.Eps)
		step.Decay = optim.Decay{Form: optim.Decoupled, Lambda: in.Lambda}
		if in.Mode == "coupled" {
			step.Decay.Form = optim.Coupled
		}
		path, err := follow(step, in.Theta0, in.Steps, in.gradient)
		return map[string]any{"theta": path}, err
	case "momentum":
		step = optim.MomentumStep[float64](in.LR)
		step.Estimator = optim.HeavyBall[float64]{Mu: in.Momentum}
		if in.Nesterov {
			step.Estimator = optim.Nesterov[float64]{Mu: in.Momentum}
		}
		path, err := follow(step, in.Theta0, in.Steps, in.gradient)
		q := 1 - in.Momentum
		return map[string]any{"theta": path, "ema_q": q, "ema_eps": in.LR / q}, err
	}
	return nil, fmt.Errorf("unknown operation %q", op)
}

// gradient returns Qθ − c.
func (in inputs) gradient(theta []float64) []float64 {
	g := make([]float64, len(theta))
	for i, row := range in.Q {
		g[i] = -in.C[i]
		for j, q := range row {
			g[i] += q * theta[j]
		}
	}
	return g
}

// average returns the directions of an estimator from the given start.
func average(e optim.EMA[float64], start []float64, gradients [][]float64) ([][]float64, error) {
	if err := e.Validate(); err != nil {
		return nil, err
	}
	slot := slices.Clone(start)
	var path [][]float64
	for i, g := range gradients {
		out := e.Direct(optim.Block[float64]{Direction: g, Times: 1}, [][]float64{slot}, optim.Now{Step: i + 1})
		d := slices.Clone(out.Direction)
		for j := range d {
			d[j] *= out.Times
		}
		path = append(path, d)
	}
	return path, nil
}

// follow returns the path of a step from theta, beginning with theta.
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
