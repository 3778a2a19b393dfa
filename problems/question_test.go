package problems

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestQuestions holds every question to its own answers and mistakes.
func TestQuestions(t *testing.T) {
	for _, p := range All() {
		names := map[string]bool{}
		for _, q := range p.Questions {
			name := p.Slug + "." + q.Name
			if names[q.Name] {
				t.Errorf("%s: two questions of one name", name)
			}
			names[q.Name] = true
			if len(q.Answers) < 2 || len(q.Mistakes) < 2 || len(q.Hints) < 2 {
				t.Errorf("%s: %d answers, %d mistakes, %d hints: want two of each at least", name, len(q.Answers), len(q.Mistakes), len(q.Hints))
			}
			for _, answer := range q.Answers {
				j, err := q.Judge(answer, 1)
				if err != nil {
					t.Errorf("%s: %s: %v", name, answer, err)
				} else if !j.Correct {
					t.Errorf("%s: the right answer %s is refused: %+v", name, answer, *j.Counterexample)
				}
			}
			for _, m := range q.Mistakes {
				j, err := q.Judge(m.Formula, 1)
				switch {
				case err != nil:
					t.Errorf("%s: %s: %v", name, m.Formula, err)
				case j.Correct:
					t.Errorf("%s: the wrong answer %s is accepted", name, m.Formula)
				case j.Mistake != m.Name:
					t.Errorf("%s: %s is called %q, want %q", name, m.Formula, j.Mistake, m.Name)
				case j.Counterexample.Shown == "":
					t.Errorf("%s: %s has no counterexample", name, m.Formula)
				}
			}
		}
	}
}

// TestInstancesHoldEveryVariable holds Draw to the list of variables.
func TestInstancesHoldEveryVariable(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, p := range All() {
		for _, q := range p.Questions {
			at := q.Draw(rng, 3)
			for _, v := range q.Variables {
				if _, ok := at[v.Name]; !ok {
					t.Errorf("%s.%s: no value for %s", p.Slug, q.Name, v.Name)
				}
			}
		}
	}
}

// TestClaims holds what the program finds of each claim to what is known.
func TestClaims(t *testing.T) {
	for _, p := range All() {
		for _, c := range p.Claims {
			v := c.Verify(1)
			if v.Holds != c.Right {
				t.Errorf("%s %s: found %v, want %v: %s", p.Slug, c.Line, v.Holds, c.Right, v.Counterexample)
			}
			if !v.Holds && (v.Counterexample == "" || c.Instead == "") {
				t.Errorf("%s %s: a false claim needs a counterexample and what is right instead", p.Slug, c.Line)
			}
		}
	}
}

func TestExpressions(t *testing.T) {
	variables := []Variable{{"x", "", 1}, {"W", "", 2}, {"N", "", 0}, {"a", "", 0}}
	at := Instance{"x": []float64{1, 2, 4}, "W": [][]float64{{1, 2}, {3, 4}}, "N": 3., "a": -2.}
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
		e, err := Compile(formula, variables)
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
		e, err := Compile(formula, variables)
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

// TestHeavyFormulas judges the longest sums of the longest terms.
func TestHeavyFormulas(t *testing.T) {
	p, err := Find("ema-proximal-sgd")
	if err != nil {
		t.Fatal(err)
	}
	q, err := p.Question("prox")
	if err != nil {
		t.Fatal(err)
	}
	right := "(theta - eps*s)/(1 + eps*lambda)"
	for _, zero := range []string{
		"0*sum(i, 1, 19990, exp(-i)" + strings.Repeat("+exp(-i)", 60) + ")",
		"0*sum(i, 1, 140, sum(j, 1, 140, exp(-i)" + strings.Repeat("+exp(-i*j)", 40) + "))",
		strings.Repeat("+0*sum(i, 1, 900, exp(-i))", 20),
		"0*sum(i, 1, 300, exp(-i)" + strings.Repeat("+exp(-i)", 30) + ")",
	} {
		start := time.Now()
		if _, err := q.Judge(right+"+"+zero, 1); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%.40s… took %v", zero, took)
		}
	}
}

func FuzzExpression(f *testing.F) {
	for _, s := range []string{"x[1]", "sum(i, 1, N, x[i])", "a^a^a^a", "W[1][2]", "1/0", "sum(i,1,N,sum(j,1,N,W[i][j]))", "not not a"} {
		f.Add(s)
	}
	variables := []Variable{{"x", "", 1}, {"W", "", 2}, {"N", "", 0}, {"a", "", 0}}
	at := Instance{"x": []float64{1, 2, 4}, "W": [][]float64{{1, 2}, {3, 4}}, "N": 3., "a": -2.}
	f.Fuzz(func(t *testing.T, formula string) {
		if e, err := Compile(formula, variables); err == nil {
			e.Evaluate(at)
		}
	})
}
