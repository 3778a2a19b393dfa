package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/vae"
)

type vaeReconstruct struct {
	vaeModelArg
	examples
	N    int  `default:"20" placeholder:"N" help:"The first N examples (default: ${default})."`
	JSON bool `name:"json" help:"Print one JSON object."`
	outFlag
}

// Help is shown by gradus vae reconstruct --help.
func (vaeReconstruct) Help() string {
	return `Pictures show examples above what the mean of their code decodes to; files of
numbers hold the reconstructions alone.

Examples:
  gradus vae reconstruct digits --data mnist --out reconstructions.png
  gradus vae reconstruct digits --data mnist --n 40 --report reconstructions.html`
}

// Run reconstructs the first examples.
func (c *vaeReconstruct) Run(_ context.Context, term *terminal) error {
	m, err := c.openToMake(c.N, c.outFlag)
	if err != nil {
		return err
	}
	data, err := c.open(term, m, c.N)
	if err != nil {
		return err
	}
	x, err := data.read(0, data.Len())
	if err != nil {
		return err
	}
	made := m.net.Reconstruct(x)
	stream := vae.NewStream(tensor.Size(m.file.Input))
	for i := range x.Shape[0] {
		if err := stream.Add(wide(x.Row(i)), wide(made.Row(i))); err != nil {
			return err
		}
	}
	errorSquared := stream.Shared()
	m.file.Preprocess.Undo(x)
	m.file.Preprocess.Undo(made)
	what := fmt.Sprintf("%d examples of %s, off by %.3g on root mean square%s", x.Shape[0], data.Info().Name, math.Sqrt(errorSquared), m.scale())
	if err := c.save(term, made, func() report.Grid { return m.reconstructions(x, made) }, what, report.Fact{Name: "model", Value: c.Model}, report.Fact{Name: "data", Value: c.Data}); err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(term.Out).Encode(map[string]any{"model": c.Model, "examples": x.Shape[0], "mean_square_error": number(errorSquared), "files": c.Out})
	}
	_, err = fmt.Fprintf(term.Out, "%s: %s\n", what, c.files())
	return err
}

// scale says of preprocessed data in which units errors are.
func (m *vaeFile) scale() string {
	if len(m.file.Preprocess.Std) > 0 {
		return " (in deviations of the training data)"
	}
	return ""
}

func wide(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// reconstructions shows examples above what became of them.
func (m *vaeFile) reconstructions(x, made *tensor.Tensor[float32]) report.Grid {
	g := report.Grid{Title: fmt.Sprintf("%s: examples, and what the mean of their code decodes to", m.name())}
	for first := 0; first < x.Shape[0] && len(g.Rows) < maxRows; first += 10 {
		last := min(first+10, x.Shape[0])
		g.Rows = append(g.Rows, row("example", x, first, last, nil), row("decoded", made, first, last, nil))
	}
	return g
}
