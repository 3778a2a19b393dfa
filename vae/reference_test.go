package vae_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/gradus-ml/gradus/vae"
)

// TestReference runs the cases of topic 10, float64 values from independent
// methods, each at its own tolerance.
func TestReference(t *testing.T) {
	text, err := os.ReadFile("testdata/optimal_variance_vae.json")
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
	if len(cases) == 0 {
		t.Fatal("no cases")
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			got, err := answer(t, c.Op, c.Inputs)
			if code, ok := c.Expected["error"]; ok {
				e := new(vae.DomainError)
				if !errors.As(err, &e) || e.Code != code {
					t.Fatalf("error %v, want code %v", err, code)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for field, want := range c.Expected {
				compare(t, field, got[field], want, c.Tolerance.Abs, c.Tolerance.Rel)
			}
		})
	}
}

// answer computes one operation and returns its results by their names there.
func answer(t *testing.T, op string, inputs json.RawMessage) (map[string]any, error) {
	t.Helper()
	decode := func(into any) {
		if err := json.Unmarshal(inputs, into); err != nil {
			t.Fatal(err)
		}
	}
	switch op {
	case "optimal_variance":
		var in struct {
			X  [][]float64
			Mu [][][]float64
		}
		decode(&in)
		v, err := vae.OptimalVariance(in.X, in.Mu)
		if err != nil {
			return nil, err
		}
		return map[string]any{
			"mean_sq_norm": v.MeanSquaredNorm, "var_shared": v.Shared, "sigma": v.Sigma, "var_per_dim": v.PerDimension, "var_per_sample": v.PerExample,
			"recon_shared": v.ReconstructionShared, "recon_per_dim": v.ReconstructionPerDimension, "recon_per_sample": v.ReconstructionPerExample,
			"degenerate_shared": v.DegenerateShared, "degenerate_per_dim": v.DegeneratePerDimension,
		}, nil
	case "log_density":
		var in struct {
			X, Mu []float64
			Sigma float64
		}
		decode(&in)
		p, err := vae.LogDensity(in.X, in.Mu, in.Sigma)
		if err != nil {
			return nil, err
		}
		return map[string]any{
			"log_p": p.LogP, "d_sigma": p.Sigma, "d_log_sigma": p.LogSigma, "d_var": p.Variance, "d_precision": p.Precision,
			"d2_sigma": p.Sigma2, "d2_log_sigma": p.LogSigma2, "d2_var": p.Variance2, "d2_precision": p.Precision2, "convex_in_sigma_here": p.ConvexInSigma,
		}, nil
	case "optimal_loss":
		var in struct {
			X    [][]float64
			Mu   [][][]float64
			Mode string
		}
		decode(&in)
		o, err := vae.OptimalLoss(in.X, in.Mu, map[string]vae.Scale{"shared": vae.Shared, "per_dim": vae.PerDimension}[in.Mode])
		if err != nil {
			return nil, err
		}
		return map[string]any{"loss": o.Loss, "grad_mu": o.Gradient, "neg_recon": o.NegativeLogDensity}, nil
	case "elbo_linear_gaussian":
		var in struct {
			W, M, S, X [][]float64
			C          []float64
			Var        float64
		}
		decode(&in)
		b, err := vae.LinearDecoder{W: in.W, C: in.C}.ELBO(in.M, in.S, in.X, in.Var)
		if err != nil {
			return nil, err
		}
		return map[string]any{"expected_sq_norm": b.ExpectedSquaredNorm, "kl": b.KL, "elbo": b.ELBO, "var_opt": b.OptimalVariance, "elbo_opt": b.OptimalELBO}, nil
	case "clamped_variance":
		var in struct {
			MeanSqNorm float64 `json:"mean_sq_norm"`
			D          int
			VarMin     float64 `json:"var_min"`
			VarMax     float64 `json:"var_max"`
		}
		decode(&in)
		c, err := vae.ClampedVariance(in.MeanSqNorm, in.D, in.VarMin, in.VarMax)
		if err != nil {
			return nil, err
		}
		return map[string]any{"var": c.Variance, "recon": c.Reconstruction}, nil
	}
	t.Fatalf("unknown operation %q", op)
	return nil, nil
}

// compare holds a result, number, truth value or list of lists of them, to what
// is expected.
func compare(t *testing.T, field string, got, want any, abs, rel float64) {
	t.Helper()
	switch g := got.(type) {
	case bool:
		if g != want {
			t.Errorf("%s is %v", field, g)
		}
	case float64:
		w, ok := want.(float64)
		if s, isText := want.(string); isText {
			w, _ = strconv.ParseFloat(s, 64)
			ok = true
		}
		if !ok || !(g == w || math.Abs(g-w) <= abs+rel*math.Abs(w)) {
			t.Errorf("%s is %v, want %v", field, g, want)
		}
	case []float64:
		list(t, field, g, want, abs, rel)
	case [][]float64:
		list(t, field, g, want, abs, rel)
	case [][][]float64:
		list(t, field, g, want, abs, rel)
	default:
		t.Fatalf("no result %s", field)
	}
}

func list[T any](t *testing.T, field string, got []T, want any, abs, rel float64) {
	t.Helper()
	w, ok := want.([]any)
	if !ok || len(w) != len(got) {
		t.Fatalf("%s has %d elements, want %v", field, len(got), want)
	}
	for i := range got {
		compare(t, field+"["+strconv.Itoa(i)+"]", got[i], w[i], abs, rel)
	}
}
