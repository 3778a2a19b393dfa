package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/vae"
)

type vaeInterpolate struct {
	vaeModelArg
	examples
	Pairs    int  `default:"6" placeholder:"N" help:"Walk between the first N pairs of examples."`
	Steps    int  `default:"10" help:"Of a walk, both ends included."`
	Traverse int  `default:"0" placeholder:"N" help:"Walk instead from −3 to 3 along each of the N units of the code that carry most, about one example."`
	Example  int  `default:"0" placeholder:"I" help:"The example to traverse about, from 0."`
	JSON     bool `name:"json" help:"Print one JSON object."`
	outFlag
}

// Help is shown by gradus vae interpolate --help.
func (vaeInterpolate) Help() string {
	return `Examples:
  gradus vae interpolate digits --data mnist --out walks.png
  gradus vae interpolate digits --data mnist --traverse 8 --example 3 --out units.svg`
}

// A walk along a unit goes this far to both sides: nearly all of the prior.
const traversed = 3

// Run decodes the walks.
func (c *vaeInterpolate) Run(ctx context.Context, term *terminal) error {
	m, err := openVAE(c.Model)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		flag       string
		got, least int
		most       int
	}{{"--pairs", c.Pairs, 1, 1000}, {"--steps", c.Steps, 2, 100}, {"--traverse", c.Traverse, 0, m.net.Latent}, {"--example", c.Example, 0, maxMade}} {
		if f.got < f.least || f.got > f.most {
			return badInputf("%s %d: want %d to %d", f.flag, f.got, f.least, f.most)
		}
	}
	if err := c.check(m.file.Input); err != nil {
		return err
	}
	data, err := c.open(term, m, 0)
	if err != nil {
		return err
	}
	w := &walks{x: tensor.New[float32](append([]int{0}, m.file.Input...)...), steps: c.Steps}
	if c.Traverse > 0 {
		err = c.traverse(ctx, m, data, w)
	} else {
		err = c.pairs(m, data, w)
	}
	if err != nil {
		return err
	}
	m.file.Preprocess.Undo(w.x)
	what := fmt.Sprintf("%d %s of %d steps", len(w.names), w.what, c.Steps)
	if err := c.save(term, w.x, func() report.Grid { return w.grid(m.name()) }, what, report.Fact{Name: "model", Value: c.Model}, report.Fact{Name: "data", Value: c.Data}); err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(term.Out).Encode(map[string]any{"model": c.Model, "walks": len(w.names), "steps": c.Steps, "units": w.units, "files": c.Out})
	}
	_, err = fmt.Fprintf(term.Out, "%s: %s\n", what, c.files())
	return err
}

// walks are decoded codes, one walk after the other.
type walks struct {
	what  string
	x     *tensor.Tensor[float32]
	steps int
	names []string
	units []int // of traversals
}

func (w *walks) add(name string, x *tensor.Tensor[float32]) {
	w.names = append(w.names, name)
	w.x.Data = append(w.x.Data, x.Data...)
	w.x.Shape[0] += x.Shape[0]
}

func (c *vaeInterpolate) pairs(m *vaeFile, data *vaeData, w *walks) error {
	w.what = "walks between examples"
	if data.Len() < 2*c.Pairs {
		return badInputf("--pairs %d: %s has %d examples: want %d", c.Pairs, c.Data, data.Len(), 2*c.Pairs)
	}
	ends, err := data.read(0, 2*c.Pairs)
	if err != nil {
		return err
	}
	for i := 0; i < 2*c.Pairs; i += 2 {
		path, err := m.net.Interpolate(ends.Row(i), ends.Row(i+1), c.Steps)
		if err != nil {
			return err
		}
		w.add(fmt.Sprintf("%d to %d", i, i+1), path)
	}
	return nil
}

// enoughToRank is how many examples tell which units carry most.
const enoughToRank = 500

func (c *vaeInterpolate) traverse(ctx context.Context, m *vaeFile, data *vaeData, w *walks) error {
	w.what = "walks along units of the code"
	if c.Example >= data.Len() {
		return badInputf("--example %d: %s has %d examples: want one from 0 to %d", c.Example, c.Data, data.Len(), data.Len()-1)
	}
	if data.Len() < 2 {
		return badInputf("--traverse: %s has 1 example: want at least 2, to tell which units carry most", c.Data)
	}
	x, err := data.read(c.Example, 1)
	if err != nil {
		return err
	}
	ledger, err := vae.Measure(ctx, m.net, dataset.First(data, enoughToRank), vae.Measurement{Trained: m.trained, Samples: 1})
	if err != nil {
		return asInput(ctx, err)
	}
	for _, unit := range byRate(ledger)[:c.Traverse] {
		path, err := m.net.Traverse(x.Row(0), unit, -traversed, traversed, c.Steps)
		if err != nil {
			return err
		}
		w.units = append(w.units, unit)
		w.add(fmt.Sprintf("unit %d: %.1f nats", unit, ledger.UnitRate[unit]), path)
	}
	return nil
}

// byRate lists the units of the code, those that carry most first.
func byRate(l *vae.Ledger) []int {
	units := make([]int, l.Latent)
	for j := range units {
		units[j] = j
	}
	slices.SortStableFunc(units, func(a, b int) int { return cmp.Compare(l.UnitRate[b], l.UnitRate[a]) })
	return units
}

func (w *walks) grid(model string) report.Grid {
	g := report.Grid{Title: fmt.Sprintf("%s: %s", model, w.what)}
	for i, name := range w.names[:min(len(w.names), maxRows)] {
		g.Rows = append(g.Rows, row(name, w.x, i*w.steps, (i+1)*w.steps, nil))
	}
	if w.units != nil {
		g.Title += fmt.Sprintf(", from −%d to %d", traversed, traversed)
	}
	return g
}
