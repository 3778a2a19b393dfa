package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/gradus-ml/gradus/problems"
)

type answerCommand struct {
	Question string `arg:"" optional:"" help:"PROBLEM.QUESTION, such as ema-proximal-sgd.prox; without one, all are listed."`
	Formula  string `arg:"" optional:"" help:"Your formula; without one, the question is shown."`
	Hints    int    `default:"0" help:"How many hints to show."`
	Seed     uint64 `default:"1" help:"Of the instances that the formula is tried on."`
	JSON     bool   `name:"json" help:"Print one JSON object."`
}

// Help is shown by gradus answer --help.
func (answerCommand) Help() string {
	return `Tries your formula on fresh random instances against the exact one. Where it is
wrong, it shows the smallest counterexample and, if it knows it, your mistake.

Formulas are written with + - * / ^, indices from 1 as in x[j] or W[i][j], sums
as in sum(i, 1, N, g[i]*x[i]), brackets as in when(j > 2), c ? a : b, and
` + strings.Join(problems.Functions(), ", ") + `.

Examples:
  gradus answer
  gradus answer ema-proximal-sgd.prox --hints 1
  gradus answer ema-proximal-sgd.prox '(theta - eps*s)/(1 + eps*lambda)'

Exit status: 0 correct, 1 wrong, 2 not readable.`
}

// errWrong leaves with status 1 after the judgement has been printed.
var errWrong = errors.New("the answer is wrong")

// Run lists, shows or judges.
func (c *answerCommand) Run(term *terminal) error {
	if c.Question == "" {
		return c.list(term)
	}
	slug, name, ok := strings.Cut(c.Question, ".")
	if !ok {
		return badInputf("%s: want PROBLEM.QUESTION; gradus answer lists them", c.Question)
	}
	problem, err := problems.Find(slug)
	if err != nil {
		return badInput(err)
	}
	question, err := problem.Question(name)
	if err != nil {
		return badInput(err)
	}
	if c.Hints < 0 || c.Hints > len(question.Hints) {
		return badInputf("--hints %d: want 0 to %d", c.Hints, len(question.Hints))
	}
	if c.Formula == "" {
		return c.show(term, question)
	}
	j, err := question.Judge(c.Formula, c.Seed)
	if err != nil {
		return badInput(fmt.Errorf("%q: %w", c.Formula, err))
	}
	return c.judged(term, question, j)
}

func (c *answerCommand) list(term *terminal) error {
	for _, p := range problems.All() {
		for _, q := range p.Questions {
			if c.JSON {
				if err := json.NewEncoder(term.Out).Encode(map[string]any{"question": p.Slug + "." + q.Name, "prompt": q.Prompt, "hints": len(q.Hints)}); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(term.Out, "%s.%s\n    %s\n", p.Slug, q.Name, q.Prompt)
		}
	}
	return nil
}

func (c *answerCommand) show(term *terminal, q *problems.Question) error {
	if c.JSON {
		return json.NewEncoder(term.Out).Encode(map[string]any{"question": c.Question, "prompt": q.Prompt, "variables": q.Variables, "hints": q.Hints[:c.Hints]})
	}
	fmt.Fprintf(term.Out, "%s\n\n", q.Prompt)
	for _, v := range q.Variables {
		fmt.Fprintf(term.Out, "  %-8s %s\n", v.Name, v.Meaning)
	}
	for i, hint := range q.Hints[:c.Hints] {
		fmt.Fprintf(term.Out, "\nhint %d: %s\n", i+1, hint)
	}
	return nil
}

func (c *answerCommand) judged(term *terminal, q *problems.Question, j *problems.Judgement) error {
	if c.JSON {
		if err := json.NewEncoder(term.Out).Encode(j); err != nil {
			return err
		}
	} else if j.Correct {
		fmt.Fprintf(term.Out, "correct: right on %d random instances\n", j.Tried)
	} else {
		fmt.Fprintf(term.Out, "not yet. With %s\n  your formula gives %s\n  and right is       %v\n", j.Counterexample.Shown, j.Counterexample.Theirs, j.Counterexample.True)
		if j.Mistake != "" {
			fmt.Fprintf(term.Out, "likely mistake: %s\n", j.Mistake)
		}
		if c.Hints == 0 {
			fmt.Fprintf(term.Out, "gradus answer %s --hints 1 gives a hint; there are %d\n", c.Question, len(q.Hints))
		}
	}
	if !j.Correct {
		return errWrong
	}
	return nil
}
