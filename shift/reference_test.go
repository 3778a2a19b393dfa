package shift_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"testing"

	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/shift"
)

type referenceCase struct {
	Name, Op string
	Inputs   struct {
		Posterior, Logits, Confusion, Cost [][]float64
		TrainPrior                         []float64 `json:"train_prior"`
		TargetPrior                        []float64 `json:"target_prior"`
		TrainPrior1                        float64   `json:"train_prior_1"`
		TargetPrior1                       float64   `json:"target_prior_1"`
		Init                               []float64
		Iterations                         int
		TargetPred                         []float64 `json:"target_pred"`
		PriorsNormalised                   bool      `json:"priors_normalised"`
	}
	Expected  map[string]json.RawMessage
	Tolerance struct{ Abs, Rel float64 }
}

func TestReference(t *testing.T) {
	text, err := os.ReadFile("testdata/prior_shift.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []referenceCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			got, err := solve(t, c)
			var code string
			if raw, ok := c.Expected["error"]; ok {
				if err := json.Unmarshal(raw, &code); err != nil {
					t.Fatal(err)
				}
			}
			if e := new(losses.DomainError); errors.As(err, &e) && e.Code == code && code != "" {
				return
			}
			if err != nil || code != "" {
				t.Fatalf("error %v, want code %q", err, code)
			}
			for field, raw := range c.Expected {
				want, have := numbers(t, raw), got[field]
				if len(have) != len(want) {
					t.Fatalf("%s: %d numbers, want %d", field, len(have), len(want))
				}
				for i, w := range want {
					if !(math.Abs(have[i]-w) <= c.Tolerance.Abs+c.Tolerance.Rel*math.Abs(w)) {
						t.Errorf("%s[%d] = %v, want %v", field, i, have[i], w)
					}
				}
			}
		})
	}
}

// numbers decodes a number, vector or matrix to its numbers in order.
func numbers(t *testing.T, raw json.RawMessage) []float64 {
	t.Helper()
	var one float64
	if json.Unmarshal(raw, &one) == nil {
		return []float64{one}
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	var flat []float64
	for _, v := range list {
		flat = append(flat, numbers(t, v)...)
	}
	return flat
}

func floats(labels []int) []float64 {
	f := make([]float64, len(labels))
	for i, v := range labels {
		f[i] = float64(v)
	}
	return f
}

func flatten(rows [][]float64) []float64 {
	var flat []float64
	for _, row := range rows {
		flat = append(flat, row...)
	}
	return flat
}

func solve(t *testing.T, c referenceCase) (map[string][]float64, error) {
	in := c.Inputs
	var p losses.Probs
	if in.Posterior != nil {
		p = must(losses.ProbsOf(in.Posterior))(t)
	}
	switch c.Op {
	case "reweight":
		r, err := shift.Reweight(p, in.TrainPrior, in.TargetPrior)
		if err != nil {
			return nil, err
		}
		if in.PriorsNormalised != (r.DensityRatio != nil) {
			t.Errorf("density ratio %v for priors normalised: %v", r.DensityRatio, in.PriorsNormalised)
		}
		return map[string][]float64{"posterior": r.Posterior.Data, "decision": floats(r.Decisions), "density_ratio": r.DensityRatio}, nil
	case "reweight_logits":
		l, err := shift.ReweightLogits(must(losses.LogitsOf(in.Logits))(t), in.TrainPrior, in.TargetPrior)
		return map[string][]float64{"log_posterior": l.Data, "decision": floats(l.Argmax())}, err
	case "binary_threshold":
		v, err := shift.Threshold(in.TrainPrior1, in.TargetPrior1)
		return map[string][]float64{"threshold": {v}}, err
	case "bayes_decision":
		d := must(shift.Cost(in.Cost).Decide(must(shift.Reweight(p, in.TrainPrior, in.TargetPrior))(t).Posterior))(t)
		return map[string][]float64{"risk": flatten(d.Risk), "decision": floats(d.Decisions)}, nil
	case "em":
		e, err := shift.EM(p, in.TrainPrior, in.Init, in.Iterations)
		if err != nil {
			return nil, err
		}
		return map[string][]float64{"priors": flatten(e.Priors), "mean_log_ratio": e.MeanLogRatio}, nil
	case "em_converged":
		m, err := shift.MaximumLikelihood(p, in.TrainPrior, in.Init, 1e-12)
		if err != nil {
			return nil, err
		}
		return map[string][]float64{"prior": m.Prior, "mean_log_ratio": {m.MeanLogRatio}, "kkt": m.KKT}, nil
	case "bbse":
		b, err := shift.BBSE(&shift.Confusion{Joint: in.Confusion}, in.TargetPred)
		if err != nil {
			return nil, err
		}
		return map[string][]float64{"weights": b.Weights, "prior": b.Prior, "prior_clipped": b.Clipped}, nil
	}
	t.Fatalf("unknown operation %s", c.Op)
	return nil, nil
}

// must returns a function that gives the value, or ends the test.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
