package problems

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

type oneNumber struct {
	X float64 `json:"x"`
}

// squares returns a problem with one operation, x², solved by f.
func squares(f func(float64) (float64, error)) []Problem {
	return []Problem{{Slug: "squares", Operations: []Operation{operation(definition[oneNumber, oneNumber]{
		name:   "square",
		method: "sums of odd numbers",
		solve:  func(in oneNumber) (oneNumber, error) { y, err := f(in.X); return oneNumber{y}, err },
		draw:   func(rng *rand.Rand) oneNumber { return oneNumber{float64(rng.IntN(9))} },
		check: func(c *Comparison, in, out oneNumber) {
			want := 0.0
			for i := range int(in.X) {
				want += float64(2*i + 1)
			}
			c.near("x", out.X, want, 1e-12)
		},
	})}}}
}

func TestReportTellsRightFromWrong(t *testing.T) {
	for _, c := range []struct {
		name   string
		f      func(float64) (float64, error)
		passed bool
		want   string // in the text
	}{
		{"right", func(x float64) (float64, error) { return x * x, nil }, true, "0.0e+00"},
		{"wrong at 5", func(x float64) (float64, error) { return x*x + math.Floor(x/8)*1e-9, nil }, false, `{"x":8}`},
		{"infinite", func(float64) (float64, error) { return math.Inf(1), nil }, false, "+Inf"},
		{"NaN", func(float64) (float64, error) { return math.NaN(), nil }, false, "FAILED"},
		{"refusing", func(float64) (float64, error) { return 0, errors.New("no") }, false, "square: case 0: no"},
	} {
		t.Run(c.name, func(t *testing.T) {
			report, err := Check(t.Context(), squares(c.f), 1, 200)
			if err != nil {
				t.Fatal(err)
			}
			if report.Passed() != c.passed || !strings.Contains(report.String(), c.want) {
				t.Errorf("passed is %v, want %v, and %q in\n%s", report.Passed(), c.passed, c.want, report)
			}
			if text, err := json.Marshal(report); err != nil || !json.Valid(text) {
				t.Errorf("%s: %v", text, err)
			}
			if again, _ := Check(t.Context(), squares(c.f), 1, 200); !reflect.DeepEqual(again, report) {
				t.Errorf("the same seed reports\n%s, then\n%s", report, again)
			}
		})
	}
}

func TestCheckStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Check(ctx, All(), 1, 1000); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}
