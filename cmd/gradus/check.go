package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gradus-ml/gradus/problems"
)

type checkCommand struct {
	Topic string `arg:"" optional:"" help:"Check one problem only, by name or number."`
	Seed  uint64 `default:"1" help:"Of the random instances."`
	Cases int    `default:"1000" help:"Random instances of each operation."`
	JSON  bool   `name:"json" help:"Print the table as JSON."`
}

// Help is shown by gradus check --help.
func (checkCommand) Help() string {
	return "Draws random instances of every operation and holds each solution against an independent method: brute force, differences, enumeration, duality. Prints the worst errors; status 1 where one is outside its tolerance.\n\nExamples:\n  gradus check\n  gradus check norm-prox --cases 100000 --json"
}

// Run checks, and prints a table.
func (c *checkCommand) Run(ctx context.Context, term *terminal) error {
	if c.Cases < 1 {
		return badInputf("--cases %d: want at least 1", c.Cases)
	}
	which := problems.All()
	if c.Topic != "" {
		p, err := problems.Find(c.Topic)
		if err != nil {
			return badInput(err)
		}
		which = []problems.Problem{*p}
	}
	report, err := problems.Check(ctx, which, c.Seed, c.Cases)
	if err != nil {
		return err
	}
	if c.JSON {
		err = json.NewEncoder(term.Out).Encode(report)
	} else {
		_, err = fmt.Fprint(term.Out, report)
	}
	if err == nil && !report.Passed() {
		err = errors.New("a solution is outside its tolerance")
	}
	return err
}
