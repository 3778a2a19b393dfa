package formula

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func ExampleCompile() {
	f, err := Compile("when(r > 1) * 0.5 * sqrt(r)", map[string]any{"r": 0.})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Evaluate(map[string]any{"r": 4.}))
	fmt.Println(f.Of("r")(9))
	_, err = Compile("2*s", map[string]any{"r": 0.})
	fmt.Println(err)
	// Output:
	// 1 <nil>
	// 1.5
	// character 3: unknown name s
}

func agree(got, want float64) bool {
	return got == want || math.Abs(got-want) <= 1e-12*math.Abs(want) || math.IsNaN(got) && math.IsNaN(want)
}

func testVariables() map[string]any {
	return map[string]any{"x": []float64{1, 2, 4}, "W": [][]float64{{1, 2}, {3, 4}}, "N": 3., "a": -2.}
}

func TestFormulas(t *testing.T) {
	at := testVariables()
	for formula, want := range map[string]float64{
		"x[1] + x[3]":                            5,
		"sum(i, 1, N, x[i])":                     7,
		"sum(i, 1, N, sum(j, 1, i, x[j]))":       11,
		"sum(i, 1, 2, sum(j, 1, 2, W[i][j]))":    10,
		"sum(i, 1, 0, x[i])":                     0,
		"norm(x)^2":                              21,
		"a < 0 ? -a : a":                         2,
		"when(a < 0) * 3":                        3,
		"2^a":                                    0.25,
		"7/2":                                    3.5,
		"max(a, abs(a)) + sign(a)":               1,
		"a <= -2 and not (a > 0) ? 1 : 0":        1,
		"dot(x, x) - total(x)*count(x) + exp(0)": 1,
	} {
		e, err := Compile(formula, at)
		if err != nil {
			t.Errorf("%s: %v", formula, err)
			continue
		}
		if got, err := e.Evaluate(at); err != nil || !agree(got, want) {
			t.Errorf("%s = %v, %v, want %v", formula, got, err, want)
		}
	}
	for formula, want := range map[string]string{
		"":                              "character",
		"x[":                            "character",
		"y + 1":                         "unknown name y",
		"x.len":                         "a dot",
		`"a" * 3`:                       "",
		"[1, 2]":                        "this notation",
		"let b = 1; b":                  "this notation",
		"1..9":                          "operator ..",
		"map(1..9, #)":                  "character",
		"sum(x)":                        "a sum of 1 arguments",
		"sum(a, 1, N, a)":               "new name",
		"sum(1, 1, N, a)":               "new name",
		"x[0]":                          "indices run from 1 to 3",
		"x[4]":                          "indices run from 1 to 3",
		"x[1.5]":                        "whole number",
		"x":                             "want a number",
		"exp(x)":                        "want a number",
		"sum(i, 1, 1000000, i)":         "at most 20000",
		"sum(i,1,900,sum(j,1,900,1))":   "memory budget",
		strings.Repeat("(", 2000):       "characters",
		strings.Repeat("1+", 499) + "1": "",
	} {
		e, err := Compile(formula, at)
		if err == nil {
			_, err = e.Evaluate(at)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", formula, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the error has more than a line: %q", formula, err)
		}
	}
}

// TestOf holds the direct function against the evaluation.
func TestOf(t *testing.T) {
	direct := []string{
		"0.01*sqrt(r)", "r", "-r^2 + 3/4", "r < 1 ? r : 2*r - 1", "2^r - 2**r + 1", "when(r >= 1) * log1p(r)", "max(r, 1) - min(r, 0.5)",
		"not (r > 1) and r != 0 or r == 3 ? 1 : 0", "+abs(sign(r - 1))", "logit(sigmoid(r))", "log(r - 1)", "true ? 1 : 2", "1/r", "!(r <= 2) ? exp(r) : expm1(r)",
	}
	for _, text := range append(direct, "sum(i, 1, 3, r^i)", "r*pi()", "7 % 2 * r") {
		f, err := Compile(text, map[string]any{"r": 0.})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		of := f.Of("r")
		for _, r := range []float64{0, 0.25, 1, 1.5, 2, 3, 1e9} {
			want, err := f.Evaluate(map[string]any{"r": r})
			if err != nil {
				want = math.NaN()
			}
			if got := of(r); !agree(got, want) {
				t.Errorf("%s at %v is %v, evaluated %v", text, r, got, want)
			}
		}
	}
	for _, text := range direct {
		if f, _ := Compile(text, map[string]any{"r": 0.}); closure(f.program.Node()) == nil {
			t.Errorf("%s is not run directly", text)
		}
	}
}

func FuzzFormula(f *testing.F) {
	for _, s := range []string{"x[1]", "sum(i, 1, N, x[i])", "a^a^a^a", "W[1][2]", "1/0", "sum(i,1,N,sum(j,1,N,W[i][j]))", "not not a"} {
		f.Add(s)
	}
	at := testVariables()
	f.Fuzz(func(t *testing.T, formula string) {
		if e, err := Compile(formula, at); err == nil {
			e.Evaluate(at)
		}
	})
}
