package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/tensor"
)

// vaeModelArg is the model that a command reads.
type vaeModelArg struct {
	Model string `arg:"" help:"An autoencoder: the folder that gradus vae train wrote."`
}

// maxMade keeps what a command makes in memory far from all of it.
const maxMade = 100_000

// openToMake opens the model for n examples that go to files.
func (a vaeModelArg) openToMake(n int, to outFlag) (*vaeFile, error) {
	m, err := openVAE(a.Model)
	if err != nil {
		return nil, err
	}
	if n < 1 || n > maxMade {
		return nil, badInputf("--n %d: want 1 to %d", n, maxMade)
	}
	return m, to.check(m.file.Input)
}

type vaeSample struct {
	vaeModelArg
	N     int    `default:"60" placeholder:"N" help:"How many (default: ${default})."`
	Noise bool   `help:"Draw the data themselves, with the decoder's noise, instead of their means."`
	Seed  uint64 `default:"1" help:"Same seed, same examples."`
	JSON  bool   `name:"json" help:"Print one JSON object."`
	outFlag
}

// Help is shown by gradus vae sample --help.
func (vaeSample) Help() string {
	return `Examples:
  gradus vae sample digits --out samples.png
  gradus vae sample digits --n 1000 --noise --out samples.npy --report samples.html`
}

// Run draws codes from the prior and decodes them.
func (c *vaeSample) Run(_ context.Context, term *terminal) error {
	m, err := c.openToMake(c.N, c.outFlag)
	if err != nil {
		return err
	}
	done := term.working(func() string { return "drawing" })
	x := m.net.Sample(c.N, rand.New(rand.NewPCG(c.Seed, 0)), c.Noise)
	done()
	m.file.Preprocess.Undo(x)
	what := "means of the data"
	if c.Noise {
		what = "data with the decoder's noise"
	}
	what = fmt.Sprintf("%d samples of the prior, decoded to %s", c.N, what)
	if err := c.save(term, x, func() report.Grid { return m.samples(x) }, what, report.Fact{Name: "model", Value: c.Model}, report.Fact{Name: "seed", Value: strconv.FormatUint(c.Seed, 10)}); err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(term.Out).Encode(map[string]any{"model": c.Model, "samples": c.N, "noise": c.Noise, "seed": c.Seed, "files": c.Out})
	}
	_, err = fmt.Fprintf(term.Out, "%s: %s\n", what, c.files())
	return err
}

func (m *vaeFile) samples(x *tensor.Tensor[float32]) report.Grid {
	return report.Grid{Title: fmt.Sprintf("%s: codes drawn from the prior, decoded", m.name()), Rows: rows("sample", x, 10)}
}
