package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/vae"
)

type vaeScore struct {
	vaeModelArg
	examples
	N        int     `default:"0" placeholder:"N" help:"Only the first N examples; 0 is all."`
	Bound    string  `enum:"elbo,importance" default:"elbo" help:"Of the log-likelihood, whose negative is the score: ${enum}. The second is the tighter one."`
	Codes    int     `default:"8" help:"Drawn of each example."`
	Normal   string  `placeholder:"DATA" help:"What is normal, not seen in training (its test part, if it is divided): its scores give the threshold."`
	Quantile float64 `default:"0.99" placeholder:"Q" help:"The threshold is this quantile of the scores of --normal, 0 < Q < 1."`
	Seed     uint64  `default:"1" help:"Of the codes."`
	CSV      string  `name:"csv" type:"path" placeholder:"FILE" help:"Write the score of each example."`
	Out      string  `type:"path" placeholder:"FILE" help:"Draw the examples that score highest and lowest into FILE.svg or FILE.png."`
	Plot     string  `type:"path" placeholder:"FILE" help:"Draw the distribution of the scores into FILE.svg or FILE.png."`
	JSON     bool    `name:"json" help:"Print one JSON object."`
	reportFlag
}

// Help is shown by gradus vae score --help.
func (vaeScore) Help() string {
	return `The score of an example is its negative bound in nats: what the model pays for
it. What was never seen in training is expensive.

Examples:
  gradus vae score digits --data today.csv --csv scores.csv
  gradus vae score digits --data letters --normal mnist --report scores.html --out worst.png`
}

// scores are what the examples cost.
type scores struct {
	command   *vaeScore
	model     *vaeFile
	data      *vaeData
	of        []float64
	normal    []float64 // sorted; nil for none
	threshold float64
	order     []int // of the examples, the highest first
}

// Run scores every example.
func (c *vaeScore) Run(ctx context.Context, term *terminal) error {
	m, err := openVAE(c.Model)
	if err != nil {
		return err
	}
	if err := c.check(m); err != nil {
		return err
	}
	data, err := c.open(term, m, c.N)
	if err != nil {
		return err
	}
	s := &scores{command: c, model: m, data: data, threshold: math.NaN()}
	var normal *vaeData
	if c.Normal != "" {
		if normal, err = c.openNormal(term, m); err != nil {
			return err
		}
	}
	if s.of, err = c.score(ctx, term, m, data); err != nil {
		return asInput(ctx, err)
	}
	if normal != nil {
		if s.normal, err = c.score(ctx, term, m, normal); err != nil {
			return asInput(ctx, err)
		}
		slices.Sort(s.normal)
		s.threshold = losses.Quantile(s.normal, c.Quantile)
	}
	for i := range s.of {
		s.order = append(s.order, i)
	}
	slices.SortStableFunc(s.order, func(a, b int) int { return cmp.Compare(s.of[b], s.of[a]) })
	return c.report(term, s)
}

func (c *vaeScore) check(m *vaeFile) error {
	if c.Codes < 1 || c.Codes > 10_000 {
		return badInputf("--codes %d: want 1 to 10000", c.Codes)
	}
	if !(c.Quantile > 0 && c.Quantile < 1) {
		return badInputf("--quantile %v: want a number between 0 and 1", c.Quantile)
	}
	if c.Out != "" && !drawable(m.file.Input) {
		return badInputf("--out: examples of shape %v are no pictures", m.file.Input)
	}
	if err := checkOutput("--csv", c.CSV); err != nil {
		return err
	}
	if err := checkPicture("--out", c.Out); err != nil {
		return err
	}
	if err := checkPicture("--plot", c.Plot); err != nil {
		return err
	}
	return c.checkReport()
}

// openNormal opens what is normal: a test part, or a whole.
func (c *vaeScore) openNormal(term *terminal, m *vaeFile) (*vaeData, error) {
	normal, err := examples{Data: c.Normal, Split: "test"}.open(term, m, 0)
	if err != nil {
		return nil, badInput(fmt.Errorf("--normal: %w", err))
	}
	return normal, nil
}

func (c *vaeScore) score(ctx context.Context, term *terminal, m *vaeFile, data *vaeData) ([]float64, error) {
	watched, done := term.watch(data)
	defer done()
	if c.Bound == "importance" {
		return vae.ImportanceScores(ctx, m.net, watched, c.Codes, c.Seed)
	}
	return vae.Scores(ctx, m.net, watched, c.Codes, c.Seed)
}

// above counts the examples that score above the threshold.
func (s *scores) above() int {
	n := 0
	for _, v := range s.of {
		if v > s.threshold {
			n++
		}
	}
	return n
}

func (s *scores) verdict() string {
	if s.normal == nil {
		return fmt.Sprintf("example %d is the least likely, at %s; give --normal for a threshold", s.order[0], nats(s.of[s.order[0]]))
	}
	return fmt.Sprintf("%d of %d examples score above %s, as %s of %s does; a random one scores above a random normal one with probability %.3f",
		s.above(), len(s.of), nats(s.threshold), percent(1-s.command.Quantile), s.command.Normal, vae.Separation(s.of, s.normal))
}

func (c *vaeScore) report(term *terminal, s *scores) error {
	if c.CSV != "" {
		if err := modelfile.WriteFile(c.CSV, s.write); err != nil {
			return err
		}
	}
	if c.Out != "" {
		grid, err := s.grid()
		if err != nil {
			return err
		}
		if err := savePicture(c.Out, grid); err != nil {
			return err
		}
	}
	if c.Plot != "" {
		figure, err := s.figure()
		if err != nil {
			return err
		}
		if err := savePicture(c.Plot, figure); err != nil {
			return err
		}
	}
	if c.Report != "" {
		page, err := s.page()
		if err != nil {
			return err
		}
		if err := c.saveReport(term, func() report.Page { return page }); err != nil {
			return err
		}
	}
	quantiles := s.quantiles()
	if c.JSON {
		result := map[string]any{"model": c.Model, "data": s.data.Info().Name, "examples": len(s.of), "bound": c.Bound, "codes": c.Codes, "seed": c.Seed, "quantiles": quantiles, "highest": s.order[:min(10, len(s.order))], "verdict": s.verdict()}
		if s.normal != nil {
			result["threshold"], result["above"], result["separation"] = number(s.threshold), s.above(), number(vae.Separation(s.of, s.normal))
		}
		return json.NewEncoder(term.Out).Encode(result)
	}
	fmt.Fprintf(term.Out, "%s on %s: the negative bound (%s) of %d examples, in nats\n\n", c.Model, s.data.Info().Name, c.Bound, len(s.of))
	fmt.Fprintf(term.Out, "lowest %.1f, quarter %.1f, median %.1f, three quarters %.1f, highest %.1f\n", quantiles["0"], quantiles["0.25"], quantiles["0.5"], quantiles["0.75"], quantiles["1"])
	fmt.Fprintf(term.Out, "highest:")
	for _, i := range s.order[:min(8, len(s.order))] {
		fmt.Fprintf(term.Out, " %d (%.1f)", i, s.of[i])
	}
	_, err := fmt.Fprintf(term.Out, "\n\nverdict: %s\n", s.verdict())
	return err
}

// quantiles are those of the scores, by their levels.
func (s *scores) quantiles() map[string]number {
	sorted := slices.Sorted(slices.Values(s.of))
	quantiles := map[string]number{}
	for _, q := range []float64{0, 0.25, 0.5, 0.75, 1} {
		quantiles[strconv.FormatFloat(q, 'g', -1, 64)] = number(losses.Quantile(sorted, q))
	}
	return quantiles
}

// write writes a line for each example.
func (s *scores) write(w io.Writer) error {
	table := csv.NewWriter(w)
	header := []string{"example", "score"}
	if s.normal != nil {
		header = append(header, "anomaly")
	}
	table.Write(header)
	for i, v := range s.of {
		line := []string{strconv.Itoa(i), strconv.FormatFloat(v, 'g', 8, 64)}
		if s.normal != nil {
			line = append(line, strconv.FormatBool(v > s.threshold))
		}
		table.Write(line)
	}
	table.Flush()
	return table.Error()
}

// grid is the examples with the highest scores and those with the lowest.
func (s *scores) grid() (report.Grid, error) {
	g := report.Grid{Title: fmt.Sprintf("%s on %s: the least and the most likely, with their scores in nats", s.model.name(), s.data.Info().Name)}
	n := min(10, len(s.order))
	for _, part := range []struct {
		name  string
		order []int
	}{{"least likely", s.order[:n]}, {"most likely", s.order[len(s.order)-n:]}} {
		x := tensor.New[float32](append([]int{n}, s.model.file.Input...)...)
		for k, i := range part.order {
			if _, err := s.data.raw.Read(i, x.Row(k)); err != nil {
				return g, err
			}
		}
		g.Rows = append(g.Rows, row(part.name, x, 0, n, func(k int) string { return fmt.Sprintf("%.0f", s.of[part.order[k]]) }))
	}
	return g, nil
}

// bins is how many a distribution is drawn in.
const bins = 40

// figure is the shares of examples by score, without the longest tails. There
// is none where scores are not finite.
func (s *scores) figure() (report.Figure, error) {
	sorted := slices.Sorted(slices.Values(s.of))
	lo, hi := sorted[0], losses.Quantile(sorted, 0.98)
	if s.normal != nil {
		lo, hi = min(lo, s.normal[0]), max(hi, losses.Quantile(s.normal, 0.995))
	}
	if !finite(lo) || !finite(hi) {
		return report.Figure{}, badInputf("--plot, --report: some scores are no finite numbers")
	}
	if lo == hi {
		lo, hi = lo-1, hi+1
	}
	lines := []report.Line{report.Histogram(s.data.Info().Name, s.of, lo, hi, bins)}
	top := slices.Max(lines[0].Y)
	if s.normal != nil {
		normal := report.Histogram(filepath.Base(s.command.Normal)+" (normal)", s.normal, lo, hi, bins)
		top = max(top, slices.Max(normal.Y))
		threshold := report.Line{Name: percent(s.command.Quantile) + " of normal", Dashed: true, X: []float64{s.threshold, s.threshold}, Y: []float64{0, top}}
		lines = append(lines, normal, threshold)
	}
	return report.Figure{
		Title:  fmt.Sprintf("%s: scores of %d examples; the last level holds all above", s.model.name(), len(s.of)),
		X:      fmt.Sprintf("negative bound, %s (nats)", map[string]string{"elbo": "evidence lower", "importance": "importance-weighted"}[s.command.Bound]),
		Panels: []report.Panel{{Y: "examples (%)", Lines: lines, Lo: 0, Hi: 1.4 * top}}, // room for the legend
	}, nil
}

func finite(x float64) bool { return x-x == 0 }
