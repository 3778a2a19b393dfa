package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/gradus-ml/gradus/problems"
)

type problemsCommand struct {
	List problemsListCommand `cmd:"" default:"withargs" help:"List the problems and their operations."`
	Show problemsShowCommand `cmd:"" help:"Show a problem: statement, solution, what is claimed and what is true."`
}

type problemsListCommand struct {
	JSON bool `name:"json" help:"Print one JSON object a problem."`
}

// Run lists the problems.
func (c *problemsListCommand) Run(term *terminal) error {
	w := tabwriter.NewWriter(term.Out, 0, 0, 2, ' ', 0)
	for _, p := range problems.All() {
		var operations []string
		for _, o := range p.Operations {
			operations = append(operations, o.Name)
		}
		if c.JSON {
			if err := json.NewEncoder(term.Out).Encode(map[string]any{"number": p.Number, "slug": p.Slug, "title": p.Title, "operations": operations}); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(w, "%d\t%s\t%s\n\t\t%s\n", p.Number, p.Slug, p.Title, strings.Join(operations, " "))
	}
	return w.Flush()
}

type problemsShowCommand struct {
	Problem string `arg:"" help:"A problem, by name or number."`
	Width   int    `default:"80" help:"Of the text, in characters."`
	Seed    uint64 `default:"1" help:"Of the instances that claims are tried on."`
}

// Run prints a problem with TeX as Unicode, its claims with their verdicts.
func (c *problemsShowCommand) Run(term *terminal) error {
	p, err := problems.Find(c.Problem)
	if err != nil {
		return badInput(err)
	}
	if c.Width < 20 {
		return badInputf("--width %d: want at least 20", c.Width)
	}
	fmt.Fprintf(term.Out, "%d. %s (%s)\n\n%s\nSOLUTION\n\n%s", p.Number, p.Title, p.Slug, problems.Plain(p.Statement, c.Width), problems.Plain(p.Solution, c.Width))
	if len(p.Claims) > 0 {
		fmt.Fprint(term.Out, "\nTHE PRINTED SOLUTION, LINE BY LINE\n")
	}
	for _, claim := range p.Claims {
		c.claim(term, claim)
	}
	fmt.Fprint(term.Out, "\nOPERATIONS (gradus solve ", p.Slug, " …)\n\n")
	w := tabwriter.NewWriter(term.Out, 0, 0, 1, ' ', 0)
	for _, o := range p.Operations {
		fmt.Fprintf(w, "  %s\t%s\t→ %s\n", o.Name, strings.Join(o.Inputs, " "), strings.Join(o.Results, " "))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(p.Questions) > 0 {
		fmt.Fprint(term.Out, "\nQUESTIONS (gradus answer …)\n")
	}
	for _, q := range p.Questions {
		fmt.Fprintf(term.Out, "\n  %s.%s\n%s", p.Slug, q.Name, indent(problems.Plain(q.Prompt, c.Width-4), "    "))
	}
	return nil
}

// claim prints a line of the printed solution and what trying it found.
func (c *problemsShowCommand) claim(term *terminal, claim problems.Claim) {
	v := claim.Verify(c.Seed)
	verdict := "true"
	if !v.Holds {
		verdict = "FALSE"
	}
	fmt.Fprintf(term.Out, "\n  %s: %s\n%s", claim.Line, verdict, indent(problems.Plain(claim.Says, c.Width-4), "    "))
	if !v.Holds {
		fmt.Fprint(term.Out, indent(problems.Plain("Counterexample: "+v.Counterexample, c.Width-4), "    "))
		fmt.Fprint(term.Out, indent(problems.Plain("Instead: "+claim.Instead, c.Width-4), "    "))
	}
}

// indent puts a prefix before every line.
func indent(text, prefix string) string {
	return prefix + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+prefix) + "\n"
}
