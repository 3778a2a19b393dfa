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
