package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/report"
)

// report writes the files that were asked for, then the result.
func (c *attackCommand) report(term *terminal, r *attackResult) error {
	if c.CSV != "" {
		if err := modelfile.WriteFile(c.CSV, r.writeFlips); err != nil {
			return err
		}
	}
	if c.Plot != "" {
		if err := savePicture(c.Plot, r.figure()); err != nil {
			return err
		}
	}
	if c.Pictures != "" {
		if err := savePicture(c.Pictures, r.grid()); err != nil {
			return err
		}
	}
	if err := c.saveReport(term, func() report.Page { return r.page(c) }); err != nil {
		return err
	}
	if c.JSON {
		return r.printJSON(term)
	}
	fmt.Fprintf(term.Out, "%s on %s: %d examples\n\n", c.Model, r.source.Name, r.summary.Images)
	table := r.table()
	for _, row := range slices.Insert(table.Rows, 0, table.Header) {
		fmt.Fprintf(term.Out, "%10s  %8s  %9s  %9s\n", row[0], row[1], row[2], row[3])
	}
	if why := r.setup.unproved; why != "" {
		fmt.Fprintf(term.Out, "no certificates: %s\n", why)
	}
	fmt.Fprintf(term.Out, "\naudit: %s\n", r.summary)
	if len(r.flips) > 0 {
		if half := r.half(); math.IsInf(half, 1) {
			fmt.Fprintf(term.Out, "less than half of the examples flip within the largest radius\n")
		} else {
			fmt.Fprintf(term.Out, "half of the examples flip within %s\n", r.ball(roundTo3(half)))
		}
	}
	_, err := fmt.Fprintf(term.Out, "verdict: %s\n", r.verdict())
	return err
}

// table is accuracy at each radius.
func (r *attackResult) table() report.Table {
	clean := percent(r.summary.Clean)
	t := report.Table{Header: []string{"radius", "noise", "attacked", "certified"}, Rows: [][]string{{"0", clean, clean, clean}}}
	for _, p := range r.curve {
		certified := "–"
		if p.Certified != nil {
			certified = percent(*p.Certified)
		}
		t.Rows = append(t.Rows, []string{strconv.FormatFloat(p.Radius, 'g', 4, 64), percent(p.Noise), percent(p.Robust), certified})
	}
	return t
}

// page is the report.
func (r *attackResult) page(c *attackCommand) report.Page {
	curve := report.Section{
		Title:    "Accuracy under attack",
		Text:     "Robust accuracy lies between what is certified, which no perturbation of the radius can break, and what survives this attack. Noise of the same size is the control.",
		Pictures: []report.Captioned{{Picture: r.figure(), Caption: "Accuracy of " + c.Model + " over the radius of the perturbation."}},
		Tables:   []report.Table{r.table()},
	}
	if why := r.setup.unproved; why != "" {
		curve.Text += "\n\nNo certificates: " + why + "."
	}
	audit := report.Section{Title: "Audit", Text: r.summary.String()}
	if drawable(r.source.Shape) && len(r.shown) > 0 {
		audit.Pictures = []report.Captioned{{Picture: r.grid(), Caption: "Examples, what the attack adds, and what comes of it, each with the predicted class."}}
	}
	return report.Page{
		Title: fmt.Sprintf("How easily is %s fooled?", c.Model), Verdict: r.verdict(),
		Sections: []report.Section{curve, audit},
		Made:     []report.Fact{{Name: "data", Value: fmt.Sprintf("%s, %d examples", r.source.Name, r.summary.Images)}, {Name: "seed", Value: strconv.FormatUint(c.Seed, 10)}},
	}
}

// roundTo3 keeps three digits.
func roundTo3(v float64) float64 {
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	if err != nil {
		return v
	}
	return short
}

func (r *attackResult) printJSON(term *terminal) error {
	result := struct {
		attack.Summary
		Norm     number       `json:"norm"`
		Curve    []curvePoint `json:"curve"`
		Unproved string       `json:"no_certificates,omitempty"`
		Half     *number      `json:"half_flip_within,omitempty"`
		Verdict  string       `json:"verdict"`
	}{r.summary, number(r.setup.attack.Ball.P), r.curve, r.setup.unproved, nil, r.verdict()}
	if len(r.flips) > 0 {
		half := number(r.half())
		result.Half = &half
	}
	return json.NewEncoder(term.Out).Encode(result)
}

// writeFlips writes a line for each example.
func (r *attackResult) writeFlips(w io.Writer) error {
	table := csv.NewWriter(w)
	lines := [][]string{{"example", "class", "predicted", "smallest_radius", "largest_failed"}}
	for i, f := range r.flips {
		real := func(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
		lines = append(lines, []string{strconv.Itoa(i), r.class(r.images[i].Label), r.class(r.images[i].Clean), real(f.Radius), real(f.Failed)})
	}
	return table.WriteAll(lines)
}

// class names a class; a prediction that is not a number is none.
func (r *attackResult) class(i int) string {
	if i < 0 {
		return "none"
	}
	return r.source.Classes[i]
}

// figure is accuracy over the radius.
func (r *attackResult) figure() report.Figure {
	line := func(name string, of func(p curvePoint) float64) report.Line {
		l := report.Line{Name: name, Markers: true, X: []float64{0}, Y: []float64{100 * r.summary.Clean}}
		for _, p := range r.curve {
			l.X, l.Y = append(l.X, p.Radius), append(l.Y, 100*of(p))
		}
		return l
	}
	lines := []report.Line{
		line("random signs", func(p curvePoint) float64 { return p.Noise }),
		line("attacked (upper bound)", func(p curvePoint) float64 { return p.Robust }),
	}
	if r.setup.certifier != nil {
		lines = append(lines, line("certified (lower bound)", func(p curvePoint) float64 { return *p.Certified }))
	}
	unit := "units of the data"
	if r.setup.attack.Box == attack.Unit() {
		unit = "pixel values from 0 to 1"
	}
	return report.Figure{
		Title:  fmt.Sprintf("robust accuracy on %s: %d examples", r.source.Name, r.summary.Images),
		X:      fmt.Sprintf("radius of the perturbation, L%s norm (%s)", normName(r.setup.attack.Ball.P), unit),
		Panels: []report.Panel{{Y: "accuracy (%)", Legend: report.BottomLeft, Lines: lines, Lo: 0, Hi: 100}},
	}
}

// normName is the norm's name in a label.
func normName(p float64) string {
	if math.IsInf(p, 1) {
		return "∞"
	}
	return strconv.FormatFloat(p, 'g', -1, 64)
}

// grid is examples, what the attack adds, and what comes of it.
func (r *attackResult) grid() report.Grid {
	clean, delta, attacked := report.GridRow{Name: "example"}, report.GridRow{}, report.GridRow{Name: "attacked"}
	largest := 0.
	for _, s := range r.shown {
		for j, v := range s.attacked {
			largest = max(largest, math.Abs(float64(v-s.clean[j])))
		}
	}
	delta.Name = fmt.Sprintf("change ±%.2g", largest)
	for _, s := range r.shown {
		difference := make([]float32, len(s.clean))
		for j, v := range s.attacked {
			difference[j] = v - s.clean[j]
		}
		image := func(caption string, data []float32) report.Image {
			return report.Image{Caption: caption, Shape: r.source.Shape, Data: data}
		}
		clean.Images = append(clean.Images, image(r.class(s.image.Clean), s.clean))
		change := image("", difference)
		change.Signed = largest
		delta.Images = append(delta.Images, change)
		attacked.Images = append(attacked.Images, image(r.class(s.image.Attacked), s.attacked))
	}
	return report.Grid{
		Title: fmt.Sprintf("%s, with the predicted class below; change: blue darker, orange lighter", r.source.Name),
		Rows:  []report.GridRow{clean, delta, attacked},
	}
}
