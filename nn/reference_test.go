package nn_test

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/gradus-ml/gradus/nn"
)

// The reference cases come from PyTorch and from arithmetic with 50 digits;
// each says which.
type referenceCase struct {
	Name, Op  string
	Inputs    json.RawMessage
	Expected  map[string]any
	Tolerance struct{ Abs, Rel float64 }
}

func TestNormalizedLinearReference(t *testing.T) {
	runReference(t, "testdata/normalised_linear.json", func(_ string, text json.RawMessage) (map[string]any, error) {
		in := struct {
			W, V, X, G     [][]float64
			B, Gamma, Beta []float64
			NormMode       string `json:"norm_mode"`
			Delta          float64
		}{NormMode: nn.NormExact}
		if err := json.Unmarshal(text, &in); err != nil {
			t.Fatal(err)
		}
		if in.V != nil {
			in.W, in.B = in.V, in.Beta
		}
		r, err := nn.NormalizedPullback(in.W, in.B, in.Gamma, in.X, in.G, in.NormMode, in.Delta)
		return map[string]any{"y": r.Y, "dW": r.DW, "dV": r.DW, "db": r.DB, "dbeta": r.DB, "dgamma": r.DGamma, "dX": r.DX}, err
	})
}

func TestTiedFilterReference(t *testing.T) {
	runReference(t, "testdata/tied_dilated_filter.json", func(op string, text json.RawMessage) (map[string]any, error) {
		in := struct {
			A, B                            float64
			W, Mask                         []float64
			Taps, Dilation, Stride, Padding int
			X, G                            json.RawMessage
		}{Stride: 1, Dilation: 2, Taps: 2}
		if err := json.Unmarshal(text, &in); err != nil {
			t.Fatal(err)
		}
		x, g := batchOf(t, op, in.X), batchOf(t, op, in.G)
		if in.W == nil {
			in.W = []float64{in.A}
			for range in.Taps {
				if op != "masked" {
					in.Mask = append(in.Mask, 1)
				}
			}
		}
		r, err := nn.FilterPullback(in.W, in.Mask, in.B, in.Dilation, in.Stride, in.Padding, x, g)
		if err != nil {
			return nil, err
		}
		got := map[string]any{"y": r.Y, "dx": r.DX, "dw": r.DW, "da": r.DW[0], "db": r.DB}
		if op == "seed_layer" {
			got["y"], got["dx"] = r.Y[0], r.DX[0]
		}
		return got, nil
	})
}

// batchOf reads rows, or the one row that a seed_layer has.
func batchOf(t *testing.T, op string, text json.RawMessage) [][]float64 {
	rows := [][]float64{{}}
	var into any = &rows
	if op == "seed_layer" {
		into = &rows[0]
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
	return rows
}

func runReference(t *testing.T, file string, solve func(op string, inputs json.RawMessage) (map[string]any, error)) {
	var cases []referenceCase
	readGolden(t, file, &cases)
	for _, c := range cases {
		got, err := solve(c.Op, c.Inputs)
		if code, ok := c.Expected["error"]; ok {
			if e := new(nn.DomainError); !errors.As(err, &e) || e.Code != code {
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
			if len(g) != len(w) {
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

// flattened lists the numbers in a value as JSON would nest them.
func flattened(t *testing.T, value any) []float64 {
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var nested any
	if err := json.Unmarshal(text, &nested); err != nil {
		t.Fatal(err)
	}
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
