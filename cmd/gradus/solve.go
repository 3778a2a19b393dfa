package main

import (
	"bytes"
	"errors"
	"io"
	"os"

	"github.com/gradus-ml/gradus/problems"
)

type solveCommand struct {
	Topic     string `arg:"" optional:"" help:"A problem, by name or number: see gradus problems."`
	Operation string `arg:"" optional:"" name:"op" help:"One of its operations."`
	Input     string `placeholder:"FILE" help:"Read the inputs from a file instead of standard input."`
	Batch     bool   `help:"Answer JSON lines of {\"topic\", \"op\", \"inputs\"}, one line each."`
}

// Help is shown by gradus solve --help.
func (solveCommand) Help() string {
	return "Reads one JSON object of inputs, prints one of results in full precision. Errors are {\"error\": CODE, \"message\": TEXT} and status 2; with --batch they are lines like others.\n\nExample:\n  echo '{\"rho\": {\"kind\": \"linear\", \"lambda\": 1}, \"theta\": [3, 4], \"g\": [0, 0], \"eps\": 1}' | gradus solve norm-prox prox"
}

// Run answers one request, or a stream of them.
func (c *solveCommand) Run(term *terminal) error {
	in := term.In
	if c.Input != "" {
		file, err := os.Open(c.Input)
		if err != nil {
			return badInput(err)
		}
		defer file.Close()
		in = file
	}
	if c.Batch {
		if c.Topic != "" {
			return badInputf("solve --batch takes its topics from the lines, not from %q", c.Topic)
		}
		return problems.Batch(term.Out, in)
	}
	if c.Topic == "" || c.Operation == "" {
		return badInputf("want a topic and an operation: gradus problems lists them")
	}
	inputs, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	result, refused := problems.Solve(c.Topic, c.Operation, bytes.TrimSpace(inputs))
	if refused != nil {
		result = problems.ErrorJSON(refused)
	}
	_, err = term.Out.Write(append(result, '\n'))
	return errors.Join(err, badInput(refused))
}
