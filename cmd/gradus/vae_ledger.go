package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/vae"
)

type vaeLedger struct {
	vaeModelArg
	examples
	N          int    `default:"0" placeholder:"N" help:"Only the first N examples; 0 is all."`
	Codes      int    `default:"1" help:"Drawn of each example."`
	Importance int    `default:"0" placeholder:"K" help:"Also the importance-weighted bound from K codes, which is tighter; 0 is not."`
	Seed       uint64 `default:"1" help:"Of the codes."`
	Out        string `type:"path" placeholder:"FILE" help:"Draw what each unit of the code carries into FILE.svg or FILE.png."`
	JSON       bool   `name:"json" help:"Print one JSON object."`
	reportFlag
}

// Help is shown by gradus vae ledger --help.
func (vaeLedger) Help() string {
	return `The negative bound in two accounts: the rate, paid for the code, and the
distortion, paid for what the code leaves out.

Examples:
  gradus vae ledger digits --data mnist
  gradus vae ledger digits --data mnist --importance 50 --report ledger.html`
}

// measured is a ledger with what it was measured on.
type measured struct {
	*vae.Ledger
	model      *vaeFile
	data       *vaeData
	codes      int
	importance *losses.Estimate // nil for not measured
	k          int
}

// Run measures and reports.
func (c *vaeLedger) Run(ctx context.Context, term *terminal) error {
	m, err := openVAE(c.Model)
	if err != nil {
		return err
	}
	if c.Codes < 1 || c.Codes > 10_000 {
		return badInputf("--codes %d: want 1 to 10000", c.Codes)
	}
	if c.Importance < 0 || c.Importance > 10_000 {
		return badInputf("--importance %d: want 0 to 10000", c.Importance)
	}
	if err := checkPicture("--out", c.Out); err != nil {
		return err
	}
	if err := c.checkReport(); err != nil {
		return err
	}
	data, err := c.open(term, m, c.N)
	if err != nil {
		return err
	}
	l, err := measure(ctx, term, m, data, c.Codes, c.Importance, c.Seed)
	if err != nil {
		return err
	}
	if c.Out != "" {
		if err := savePicture(c.Out, l.figure()); err != nil {
			return err
		}
	}
	if err := c.saveReport(term, func() report.Page { return l.page(c.Seed) }); err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(term.Out).Encode(l.json())
	}
	l.print(term)
	_, err = fmt.Fprintf(term.Out, "\nverdict: %s\n", l.verdict())
	return err
}

// measure makes the ledger of a model on data, and the importance-weighted
// bound if k is not 0.
func measure(ctx context.Context, term *terminal, m *vaeFile, data *vaeData, codes, k int, seed uint64) (*measured, error) {
	if data.Len() < 2 {
		return nil, badInputf("%s: 1 example: want at least 2, for a standard error", data.Info().Name)
	}
	watched, done := term.watch(data)
	defer done()
	l := &measured{model: m, data: data, codes: codes, k: k}
	var err error
	if l.Ledger, err = vae.Measure(ctx, m.net, watched, vae.Measurement{Trained: m.trained, Samples: codes, Seed: seed}); err != nil {
		return nil, asInput(ctx, err)
	}
	if k > 0 {
		bound, err := vae.ImportanceBound(ctx, m.net, watched, k, seed)
		if err != nil {
			return nil, asInput(ctx, err)
		}
		l.importance = &bound
	}
	return l, nil
}

// table is the ledger in words and nats.
func (l *measured) table() report.Table {
	t := report.Table{Caption: "Nats an example.", Header: []string{"", "", ""}}
	add := func(name, amount, note string) { t.Rows = append(t.Rows, []string{name, amount, note}) }
	amount := func(v float64) string { return fmt.Sprintf("%.2f", v) }
	add("rate", amount(l.Rate), fmt.Sprintf("the code: %d of %d units are active", l.Active, l.Latent))
	add("distortion", amount(l.Distortion), "the rest, given the code"+l.at())
	add("negative bound", amount(l.Negative.Mean), fmt.Sprintf("± %.2f; %.4f bits a dimension", l.Negative.StandardError, l.BitsPerDimension))
	if l.importance != nil {
		add("importance-weighted", amount(-l.importance.Mean), fmt.Sprintf("± %.2f; the tighter bound of %d codes", l.importance.StandardError, l.k))
	}
	if l.Likelihood() == vae.Gaussian {
		add("at the best σ here", amount(l.Best), fmt.Sprintf("σ = %.4g, one for all, were it known", math.Sqrt(l.MeanSquare)))
		add("at σ = 1", amount(l.AtUnitSigma), fmt.Sprintf("not solving for σ costs %.1f", l.AtUnitSigma-l.Negative.Mean))
	}
	return t
}

// Likelihood is that of the model's decoder.
func (l *measured) Likelihood() string { return l.model.net.Likelihood }

// at says at which deviation the decoder is judged.
func (l *measured) at() string {
	switch v := l.Variance; {
	case len(v) == 1:
		return fmt.Sprintf(", at σ = %.4g%s", math.Sqrt(v[0]), l.model.scale())
	case len(v) > 1:
		return fmt.Sprintf(", at a σ for each of %d numbers%s", len(v), l.model.scale())
	}
	return ""
}

func (l *measured) print(term *terminal) {
	fmt.Fprintf(term.Out, "%s on %s: %d examples of %d numbers, in nats an example\n\n", l.model.path, l.data.Info().Name, l.Examples, l.Dimensions)
	for _, r := range l.table().Rows {
		fmt.Fprintf(term.Out, "%-20s %10s   %s\n", r[0], r[1], r[2])
	}
}

// verdict is the alarm, or that there is none.
func (l *measured) verdict() string {
	if l.Alarm.Cause != vae.NoCollapse {
		return "collapsed: " + l.Alarm.Message
	}
	text := fmt.Sprintf("no collapse: %d of %d units carry %s", l.Active, l.Latent, nats(l.Rate))
	if l.Likelihood() == vae.Gaussian {
		text += fmt.Sprintf("; the solved variance saves %s over σ = 1", nats(l.AtUnitSigma-l.Negative.Mean))
	}
	return text
}

// json is the ledger with numbers that JSON can hold.
func (l *measured) json() map[string]any {
	result := map[string]any{
		"model": l.model.path, "data": l.data.Info().Name, "likelihood": l.Likelihood(), "examples": l.Examples, "dimensions": l.Dimensions, "latent": l.Latent, "codes": l.codes,
		"rate": number(l.Rate), "distortion": number(l.Distortion), "negative": number(l.Negative.Mean), "standard_error": number(l.Negative.StandardError),
		"bits_per_dimension": number(l.BitsPerDimension), "active": l.Active, "unit_rate": numbers(l.UnitRate), "unit_variance": numbers(l.UnitVariance),
		"mean_square": number(l.MeanSquare), "top_direction": number(l.TopDirection), "alarm": l.Alarm, "verdict": l.verdict(),
	}
	if l.Likelihood() == vae.Gaussian {
		result["variance"], result["best"], result["at_unit_sigma"] = numbers(l.Variance), number(l.Best), number(l.AtUnitSigma)
	}
	if l.importance != nil {
		result["importance"] = map[string]any{"k": l.k, "bound": number(l.importance.Mean), "standard_error": number(l.importance.StandardError)}
	}
	return result
}

// figure is what each unit carries, the largest rate first.
func (l *measured) figure() report.Figure {
	rate, variance := report.Line{Name: "rate", Markers: true}, report.Line{Name: "variance of the unit's mean", Markers: true}
	for k, unit := range byRate(l.Ledger) {
		x := float64(k + 1)
		rate.X, rate.Y = append(rate.X, x), append(rate.Y, l.UnitRate[unit])
		variance.X, variance.Y = append(variance.X, x), append(variance.Y, l.UnitVariance[unit])
	}
	active := report.Line{Name: "active above this", Dashed: true, X: []float64{1, float64(max(2, l.Latent))}, Y: []float64{vae.ActiveVariance, vae.ActiveVariance}}
	return report.Figure{
		Title: fmt.Sprintf("%s on %s: %d of %d units are active", l.model.name(), l.data.Info().Name, l.Active, l.Latent),
		X:     "unit of the code, the largest rate first",
		Panels: []report.Panel{
			{Y: "rate (nats an example)", Lines: []report.Line{rate}, Lo: 0, Hi: 0.01},
			{Y: "variance over the data", Lines: []report.Line{variance, active}, Lo: 0, Hi: 1},
		},
	}
}

// section is the ledger as a part of a report.
func (l *measured) section() report.Section {
	return report.Section{
		Title:    "The ledger",
		Text:     "The negative evidence lower bound in two accounts: the rate, paid for the code, and the distortion, paid for what the code leaves out. The data are judged at the variance that the training data gave.",
		Tables:   []report.Table{l.table()},
		Pictures: []report.Captioned{{Picture: l.figure(), Caption: "What each unit of the code carries: its divergence from the prior, and how much its mean varies over the data."}},
	}
}

// page is the report of gradus vae ledger.
func (l *measured) page(seed uint64) report.Page {
	return report.Page{
		Title: fmt.Sprintf("What %s pays for %s", l.model.name(), l.data.Info().Name), Verdict: l.verdict(),
		Sections: []report.Section{l.section()},
		Made:     l.made(seed),
	}
}

func (l *measured) made(seed uint64) []report.Fact {
	return []report.Fact{
		{Name: "data", Value: fmt.Sprintf("%s, %d examples", l.data.Info().Name, l.Examples)},
		{Name: "codes of each example", Value: strconv.Itoa(l.codes)},
		{Name: "seed", Value: strconv.FormatUint(seed, 10)},
	}
}
