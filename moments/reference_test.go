package moments_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"testing"

	"github.com/gradus-ml/gradus/moments"
)

type layerInput struct {
	FanIn      int     `json:"fan_in"`
	FanOut     int     `json:"fan_out"`
	VarW       float64 `json:"var_w"`
	VarB       float64 `json:"var_b"`
	Deriv      float64 `json:"deriv_second_moment"`
	Activation string
	Alpha      float64
}

type referenceInput struct {
	N                         int
	VarW                      float64 `json:"var_w"`
	VarX                      float64 `json:"var_x"`
	MeanB                     float64 `json:"mean_b"`
	VarB                      float64 `json:"var_b"`
	KurtW                     float64 `json:"kurt_w"`
	KurtX                     float64 `json:"kurt_x"`
	W, X                      [][]float64
	B                         []float64
	Activation                string
	Alpha, Mean, Var          float64
	InChannels                int             `json:"in_channels"`
	OutChannels               int             `json:"out_channels"`
	Kernel, Stride            json.RawMessage // numbers, or lists of them
	Groups, Dilation, Padding int
	Second                    json.RawMessage `json:"second_moment_x"`
	Mode                      string
	FanIn                     int `json:"fan_in"`
	FanOut                    int `json:"fan_out"`
	Gain                      float64
	VarDelta                  float64 `json:"var_delta"`
	Layers                    []layerInput
}

func TestReference(t *testing.T) {
	text, err := os.ReadFile("testdata/node_statistics.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, Op  string
		Inputs    json.RawMessage
		Expected  map[string]any
		Tolerance struct{ Abs, Rel float64 }
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		got, err := solve(t, c.Op, c.Inputs)
		if code, ok := c.Expected["error"]; ok {
			if e := new(moments.DomainError); !errors.As(err, &e) || e.Code != code {
				t.Errorf("%s: got error %v, want code %v", c.Name, err, code)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		for field, want := range c.Expected {
			g, w := flattened(t, got[field]), flattened(t, want)
			if len(g) != len(w) || len(w) == 0 {
				t.Errorf("%s: %s: got %v, want %v", c.Name, field, g, w)
				continue
			}
			for i := range w {
				if !(math.Abs(g[i]-w[i]) <= c.Tolerance.Abs+c.Tolerance.Rel*math.Abs(w[i])) {
					t.Errorf("%s: %s[%d]: got %v, want %v", c.Name, field, i, g[i], w[i])
				}
			}
		}
	}
}

func solve(t *testing.T, op string, inputs json.RawMessage) (map[string]any, error) {
	var in referenceInput
	read(t, inputs, &in)
	switch op {
	case "linear_moments_iid":
		var means struct {
			W float64 `json:"mean_w"`
			X float64 `json:"mean_x"`
		}
		read(t, inputs, &means)
		mean, variance, err := moments.LinearMomentsIID(in.N, means.W, in.VarW, means.X, in.VarX, in.MeanB, in.VarB)
		return map[string]any{"mean_y": mean, "var_y": variance}, err
	case "linear_moments":
		var m struct {
			MeanW []float64   `json:"mean_w"`
			CovW  [][]float64 `json:"cov_w"`
			MeanX []float64   `json:"mean_x"`
			CovX  [][]float64 `json:"cov_x"`
		}
		read(t, inputs, &m)
		mean, variance, err := moments.LinearMoments(m.MeanW, m.CovW, m.MeanX, m.CovX, in.MeanB, in.VarB)
		return map[string]any{"mean_y": mean, "var_y": variance}, err
	case "linear_kurtosis_iid":
		k, err := moments.LinearKurtosisIID(in.N, in.KurtW, in.KurtX)
		return map[string]any{"kurtosis": k}, err
	case "empirical_linear":
		mean, cov, err := moments.EmpiricalLinear(in.W, in.B, in.X)
		variance := make([]float64, len(cov))
		for i := range cov {
			variance[i] = cov[i][i]
		}
		return map[string]any{"mean_y": mean, "cov_y": cov, "var_y": variance}, err
	case "activation_gaussian":
		m, err := moments.GaussianThrough(named(t, in.Activation, in.Alpha), in.Mean, in.Var)
		return map[string]any{"mean": m.Mean, "second_moment": m.SecondMoment, "variance": m.Variance, "deriv_second_moment": m.SlopeSecondMoment}, err
	case "fans":
		var kernel, stride []int
		read(t, in.Kernel, &kernel)
		read(t, in.Stride, &stride)
		f, err := moments.Fans(in.InChannels, in.OutChannels, kernel, in.Groups, stride)
		return map[string]any{"fan_in": f.In, "fan_out": f.Out, "backward_fan": f.Backward}, err
	case "conv_variance_map":
		var second [][]float64
		var kernel, stride int
		read(t, in.Second, &second)
		read(t, in.Kernel, &kernel)
		read(t, in.Stride, &stride)
		v, err := moments.ConvVarianceMap(second, kernel, in.Dilation, stride, in.Padding, in.VarW, in.VarB)
		return map[string]any{"var_y": v}, err
	case "gain":
		g, err := moments.Gain(named(t, in.Activation, in.Alpha))
		return map[string]any{"gain_exact": g.Forward, "gain_conventional": g.Conventional}, err
	case "init_std":
		std, err := moments.InitStd(in.Mode, in.FanIn, in.FanOut, in.Gain)
		return map[string]any{"std": std, "var": std * std, "uniform_bound": math.Sqrt(3) * std}, err
	case "propagate_variance":
		var second float64
		read(t, in.Second, &second)
		var layers []moments.DenseLayer
		for _, l := range in.Layers {
			layers = append(layers, moments.DenseLayer{FanIn: l.FanIn, WeightVariance: l.VarW, BiasVariance: l.VarB, Activation: named(t, l.Activation, l.Alpha)})
		}
		pre, post, err := moments.PropagateVariance(second, layers)
		return map[string]any{"pre_variance": pre, "post_second_moment": post}, err
	case "backward_variance":
		var layers []moments.BackwardLayer
		for _, l := range in.Layers {
			layers = append(layers, moments.BackwardLayer{FanOut: l.FanOut, WeightVariance: l.VarW, SlopeSecondMoment: l.Deriv})
		}
		v, err := moments.BackwardVariance(in.VarDelta, layers)
		return map[string]any{"var_delta": v}, err
	}
	t.Fatalf("unknown operation %s", op)
	return nil, nil
}

func named(t *testing.T, name string, slope float64) moments.Function {
	f, err := moments.FunctionNamed(name, slope)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func read(t *testing.T, text json.RawMessage, into any) {
	t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// flattened lists the numbers in a value as JSON would nest them.
func flattened(t *testing.T, value any) []float64 {
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var nested any
	read(t, text, &nested)
	var numbers []float64
	var visit func(v any)
	visit = func(v any) {
		switch v := v.(type) {
		case float64:
			numbers = append(numbers, v)
		case []any:
			for _, inner := range v {
				visit(inner)
			}
		}
	}
	visit(nested)
	return numbers
}
