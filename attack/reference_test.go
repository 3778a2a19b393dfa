package attack_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

type referenceCase struct {
	Name, Op string
	Inputs   struct {
		G, X, V, C []float64
		W          [][]float64
		Norm       string
		P          float64
		Eps, Step  float64
		Lo, Hi     *float64
		Targeted   bool
		Label      int
		Iterations int
	}
	Expected  map[string]json.RawMessage
	Tolerance struct{ Abs, Rel float64 }
}

// TestReference runs the project's reference cases of A4, by hand or from
// solvers of linear and convex programs and automatic differentiation
// elsewhere: each case says which.
func TestReference(t *testing.T) {
	text, err := os.ReadFile("testdata/linearised_attack.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []referenceCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			got, err := c.solve(t)
			if code, ok := c.Expected["error"]; ok {
				e := new(attack.DomainError)
				if !errors.As(err, &e) || strconv.Quote(e.Code) != string(code) {
					t.Fatalf("error %v, want code %s", err, code)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for field, raw := range c.Expected {
				if field == "unique" {
					continue
				}
				want := []float64{math.NaN()}
				if json.Unmarshal(raw, &want) != nil {
					if err := json.Unmarshal(raw, &want[0]); err != nil {
						t.Fatal(err)
					}
				}
				have := got[field]
				if len(have) != len(want) {
					t.Fatalf("%s is %v, want %v", field, have, want)
				}
				for i, w := range want {
					if !(math.Abs(have[i]-w) <= c.Tolerance.Abs+c.Tolerance.Rel*math.Abs(w)) {
						t.Errorf("%s[%d] is %v, want %v", field, i, have[i], w)
					}
				}
			}
		})
	}
}

func (c referenceCase) solve(t *testing.T) (map[string][]float64, error) {
	in := c.Inputs
	ball := attack.LInf(in.Eps)
	switch in.Norm {
	case "l1":
		ball = attack.L1(in.Eps)
	case "l2":
		ball = attack.L2(in.Eps)
	case "lp":
		ball = attack.Lp(in.P, in.Eps)
	}
	box := attack.Everywhere()
	if in.Lo != nil {
		box.Lo = *in.Lo
	}
	if in.Hi != nil {
		box.Hi = *in.Hi
	}
	adv := tensor.New[float64](1, len(in.X))
	switch c.Op {
	case "linear_attack":
		solve := attack.Minimise[float64]
		if in.Targeted {
			solve = attack.Maximise[float64]
		}
		value, err := solve(adv.Data, in.X, in.G, ball, box)
		return map[string][]float64{"x_adv": adv.Data, "delta": minus(adv.Data, in.X), "value": {value}}, err
	case "project":
		err := attack.Project(adv.Data, in.V, in.X, ball, box)
		return map[string][]float64{"x_proj": adv.Data, "delta": minus(adv.Data, in.X)}, err
	}
	model := softmaxLinear(in.W, in.C)
	x, labels := tensor.From(in.X, 1, len(in.X)), []int{in.Label}
	if c.Op == "pgd_softmax_linear" {
		a := attack.PGD(ball, box, in.Iterations, in.Step)
		a.Targeted = in.Targeted
		attacker, err := attack.New[float64](model, a)
		if err != nil {
			return nil, err
		}
		trace, err := attacker.Trajectory(t.Context(), adv, x, labels)
		got := map[string][]float64{"x_adv": adv.Data}
		for _, values := range trace {
			got["log_prob"] = append(got["log_prob"], values...)
		}
		return got, err
	}
	at, err := attack.Linearise[float64](model, x, labels)
	if err != nil {
		return nil, err
	}
	value, err := attack.Minimise(adv.Data, in.X, at.Gradient.Data, ball, box)
	if err != nil {
		return nil, err
	}
	after, err := attack.Linearise[float64](model, adv, labels)
	if err != nil {
		return nil, err
	}
	got := map[string][]float64{
		"grad": at.Gradient.Data, "x_adv": adv.Data, "log_prob_after": after.LogProb,
		"linear_prediction": {at.LogProb[0] + value},
	}
	for k := range in.W {
		class, err := attack.Linearise[float64](model, x, []int{k})
		if err != nil {
			return nil, err
		}
		got["log_probs"] = append(got["log_probs"], class.LogProb...)
	}
	return got, nil
}

func softmaxLinear(w [][]float64, c []float64) nn.Layer[float64] {
	l := &nn.Linear[float64]{Weight: nn.NewParam[float64](len(w), len(w[0])), Bias: nn.NewParam[float64](len(w))}
	for k, row := range w {
		copy(l.Weight.Value.Row(k), row)
	}
	copy(l.Bias.Value.Data, c)
	return l
}
