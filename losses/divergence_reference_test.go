package losses_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/losses"
)

// number is a float64 that may be one of the strings that JSON lacks.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	*n = number(v)
	return err
}

type (
	vector []number
	matrix []vector
)

func (v vector) floats() []float64 {
	f := make([]float64, len(v))
	for i, x := range v {
		f[i] = float64(x)
	}
	return f
}

func (m matrix) floats() [][]float64 {
	f := make([][]float64, len(m))
	for i, x := range m {
		f[i] = x.floats()
	}
	return f
}

type referenceCase struct {
	Name, Op string
	Inputs   struct {
		PX         vector          `json:"p_x"`
		PStar      json.RawMessage `json:"p_star"`
		Logits     json.RawMessage
		P          matrix
		Labels     []int
		Smoothing  float64
		Candidates []matrix
		Weights    vector
		MeanStar   float64 `json:"mean_star"`
		StdStar    float64 `json:"std_star"`
		Mean, Std  float64
	}
	Expected  map[string]json.RawMessage
	Tolerance struct{ Abs, Rel float64 }
}

// rows decodes a matrix, or a vector as its only row.
func rows(t *testing.T, raw json.RawMessage) [][]float64 {
	t.Helper()
	var m matrix
	if json.Unmarshal(raw, &m) == nil {
		return m.floats()
	}
	var v vector
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return [][]float64{v.floats()}
}

// flatten decodes a number, vector or matrix to its numbers in order.
func flatten(t *testing.T, raw json.RawMessage) []float64 {
	t.Helper()
	var n number
	if json.Unmarshal(raw, &n) == nil {
		return []float64{float64(n)}
	}
	var flat []float64
	for _, row := range rows(t, raw) {
		flat = append(flat, row...)
	}
	return flat
}

func TestReference(t *testing.T) {
	text, err := os.ReadFile("testdata/kl_cross_entropy.json")
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
				want, have := flatten(t, raw), got[field]
				if len(have) != len(want) {
					t.Fatalf("%s: %d numbers, want %d", field, len(have), len(want))
				}
				for i, w := range want {
					if have[i] != w && !(math.Abs(have[i]-w) <= c.Tolerance.Abs+c.Tolerance.Rel*math.Abs(w)) {
						t.Errorf("%s[%d] = %v, want %v", field, i, have[i], w)
					}
				}
			}
		})
	}
}

func solve(t *testing.T, c referenceCase) (map[string][]float64, error) {
	in := c.Inputs
	split := func(px []float64, target losses.Probs, model losses.LogProbs) (map[string][]float64, error) {
		s, err := losses.Expect(px, target, model)
		if err != nil {
			return nil, err
		}
		return map[string][]float64{"kl": s.KL, "ce": s.CrossEntropy, "entropy": s.Entropy, "expected_kl": {s.ExpectedKL},
			"expected_ce": {s.ExpectedCrossEntropy}, "expected_entropy": {s.ExpectedEntropy}}, nil
	}
	switch c.Op {
	case "expected_kl_logits":
		target, z := must(losses.ProbsOf(rows(t, in.PStar)))(t), must(losses.LogitsOf(rows(t, in.Logits)))(t)
		got, err := split(in.PX.floats(), target, z.LogProbs())
		if err == nil {
			got["grad_logits"] = must(losses.LogitGradient(in.PX.floats(), target, z))(t).Data
		}
		return got, err
	case "expected_kl_probs":
		target, err := losses.ProbsOf(rows(t, in.PStar))
		if err != nil {
			return nil, err
		}
		return split(in.PX.floats(), target, must(losses.ProbsOf(in.P.floats()))(t).LogProbs())
	case "kl_logits_precise":
		kl, err := losses.KLDivergences(must(losses.ProbsOf(rows(t, in.PStar)))(t), must(losses.LogitsOf(rows(t, in.Logits)))(t).LogProbs())
		return map[string][]float64{"kl": kl}, err
	case "empirical_nll":
		z := must(losses.LogitsOf(rows(t, in.Logits)))(t)
		e, err := losses.Targets{Probs: must(losses.OneHot(in.Labels, z.Classes))(t), Smoothing: in.Smoothing}.Evaluate(z)
		if err != nil {
			return nil, err
		}
		return map[string][]float64{"nll": {e.Mean}, "grad_logits": e.Gradient.Data, "kl_to_targets": {e.KL}}, nil
	case "argmin_family":
		var models []losses.LogProbs
		for _, m := range in.Candidates {
			models = append(models, must(losses.LogitsOf(m.floats()))(t).LogProbs())
		}
		f, err := losses.ArgminFamily(in.PX.floats(), must(losses.ProbsOf(rows(t, in.PStar)))(t), models)
		if err != nil {
			return nil, err
		}
		return map[string][]float64{"expected_kl": f.ExpectedKL, "expected_ce": f.ExpectedCrossEntropy, "argmin": {float64(f.Best)}, "gap": {f.Gap}}, nil
	case "weighted_ce_minimiser":
		p, err := losses.WeightedMinimiser(flatten(t, in.PStar), in.Weights.floats())
		return map[string][]float64{"p": p}, err
	case "gaussian":
		s, err := losses.ExpectGaussian(losses.Gaussian{Mean: []float64{in.MeanStar}, Std: []float64{in.StdStar}},
			losses.Gaussian{Mean: []float64{in.Mean}, Std: []float64{in.Std}})
		if err != nil {
			return nil, err
		}
		return map[string][]float64{"kl": {s.KL}, "ce": {s.CrossEntropy}, "entropy": {s.Entropy}}, nil
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
