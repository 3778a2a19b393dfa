package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/gradus-ml/gradus/dataset/npy"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/tensor"
)

// report writes the files that were asked for, then the result.
func (c *clusterCommand) report(term *terminal, j *clustering) error {
	if c.Centres != "" {
		if err := modelfile.WriteFile(c.Centres, func(w io.Writer) error { return j.writeCentres(w, ending(c.Centres)) }); err != nil {
			return err
		}
	}
	if c.Assignments != "" && j.best.Labels != nil { // those of a stream are written as it comes
		if err := modelfile.WriteFile(c.Assignments, func(w io.Writer) error { return j.writeLabels(w, ending(c.Assignments)) }); err != nil {
			return err
		}
	}
	if c.Pictures != "" {
		if err := savePicture(c.Pictures, j.grid()); err != nil {
			return err
		}
	}
	if c.Plot != "" {
		if err := savePicture(c.Plot, j.figure()); err != nil {
			return err
		}
	}
	if err := c.saveReport(term, j.page); err != nil {
		return err
	}
	if c.JSON {
		return j.printJSON(term)
	}
	b, n := j.best, j.points.len()
	fmt.Fprintf(term.Out, "%s: %d points of %d features, %d centres by %s\n\n", c.Data, n, b.centres.Shape[1], c.K, c.Algorithm)
	for _, fact := range j.facts() {
		fmt.Fprintf(term.Out, "%-9s  %s\n", fact[0], fact[1])
	}
	fmt.Fprintf(term.Out, "sizes     ")
	for _, count := range b.counts[:min(len(b.counts), 20)] {
		fmt.Fprintf(term.Out, " %d", count)
	}
	if more := len(b.counts) - 20; more > 0 {
		fmt.Fprintf(term.Out, " and %d more", more)
	}
	_, err := fmt.Fprintf(term.Out, "\n\nverdict: %s\n", j.verdict())
	return err
}

// facts are the figures of the result, by name.
func (j *clustering) facts() [][]string {
	b := j.best
	facts := [][]string{
		{"inertia", fmt.Sprintf("%.6g (%.6g a point)", b.Inertia, b.Inertia/float64(j.points.len()))},
		{"explained", percent(j.explained()) + " of the scatter about the mean"},
		{"distances", fmt.Sprintf("%d evaluated, of %d in the plain loops, and %d for the start", b.cost.Distances, b.cost.Plain, b.seeding.Distances)},
	}
	if j.flags.Algorithm == "lloyd" {
		facts = append(facts, []string{"updates", strconv.Itoa(b.updates)})
	}
	return facts
}

// page is the report.
func (j *clustering) page() report.Page {
	found := report.Section{Tables: []report.Table{{Header: []string{"", ""}, Rows: j.facts()}}}
	if len(j.curves) > 0 {
		found.Pictures = append(found.Pictures, report.Captioned{Picture: j.figure(), Caption: "Inertia over the distances that plain loops would evaluate, for the three algorithms from one start."})
	}
	if j.points.image != nil {
		found.Pictures = append(found.Pictures, report.Captioned{Picture: j.grid(), Caption: "The centres, those with the most points first."})
	}
	return report.Page{
		Title: fmt.Sprintf("%d clusters of %s", j.flags.K, j.flags.Data), Verdict: j.verdict(), Sections: []report.Section{found},
		Made: []report.Fact{{Name: "seed", Value: strconv.FormatUint(j.flags.Seed, 10)}},
	}
}

func (j *clustering) explained() float64 { return 1 - j.best.Inertia/j.scatter }

// verdict says in a sentence what was found and what to mistrust.
func (j *clustering) verdict() string {
	b, n := j.best, float64(j.points.len())
	empty := 0
	for _, count := range b.counts {
		if count == 0 {
			empty++
		}
	}
	text := fmt.Sprintf("%d centres explain %s of the scatter; the largest holds %s of the points, the smallest %s",
		j.flags.K, percent(j.explained()), percent(float64(slices.Max(b.counts))/n), percent(float64(slices.Min(b.counts))/n))
	switch {
	case empty > 0:
		text += fmt.Sprintf("; %d have no point, so a smaller -k says as much", empty)
	case j.flags.Algorithm == "lloyd" && !b.converged:
		text += "; stopped before the labels repeated: more --updates would lower the inertia"
	case j.flags.Algorithm == "lloyd":
		text += "; the labels repeat, so no update lowers the inertia"
	case j.flags.Algorithm != "lloyd" && j.rate.Kind == "constant":
		text += "; at a constant rate the centres never settle"
	}
	return text
}

func (j *clustering) printJSON(term *terminal) error {
	b, n := j.best, j.points.len()
	result := struct {
		Data      string `json:"data"`
		Points    int    `json:"points"`
		Features  int    `json:"features"`
		Algorithm string `json:"algorithm"`
		Seed      uint64 `json:"seed"`
		K         int    `json:"k"`
		Inertia   number `json:"inertia"`
		PerPoint  number `json:"inertia_per_point"`
		Explained number `json:"explained"`
		Counts    []int  `json:"counts"`
		Distances int64  `json:"distances"`
		Plain     int64  `json:"plain_distances"`
		Seeding   int64  `json:"seeding_distances"`
		Updates   *int   `json:"updates,omitempty"`
		Converged *bool  `json:"converged,omitempty"`
		Seconds   number `json:"seconds"`
		Verdict   string `json:"verdict"`
	}{j.flags.Data, n, b.centres.Shape[1], j.flags.Algorithm, j.flags.Seed, j.flags.K, number(b.Inertia), number(b.Inertia / float64(n)),
		number(j.explained()), b.counts, b.cost.Distances, b.cost.Plain, b.seeding.Distances, nil, nil, number(j.seconds), j.verdict()}
	if j.flags.Algorithm == "lloyd" {
		result.Updates, result.Converged = &b.updates, &b.converged
	}
	return json.NewEncoder(term.Out).Encode(result)
}

func (j *clustering) writeCentres(w io.Writer, ending string) error {
	centres := j.best.centres
	if ending == ".npy" {
		return npy.Write(w, centres)
	}
	table := csv.NewWriter(w)
	if j.points.columns != nil {
		table.Write(j.points.columns)
	}
	line := make([]string, centres.Shape[1])
	for k := range centres.Shape[0] {
		for i, v := range centres.Row(k) {
			line[i] = strconv.FormatFloat(float64(v), 'g', -1, 32)
		}
		table.Write(line)
	}
	table.Flush()
	return table.Error()
}

func (j *clustering) writeLabels(w io.Writer, ending string) error {
	labels := j.best.Labels
	if ending == ".npy" {
		x := tensor.New[float64](len(labels))
		for i, label := range labels {
			x.Data[i] = float64(label)
		}
		return npy.Write(w, x)
	}
	table := csv.NewWriter(w)
	table.Write([]string{"point", "centre"})
	for i, label := range labels {
		table.Write([]string{strconv.Itoa(i), strconv.Itoa(label)})
	}
	table.Flush()
	return table.Error()
}

// grid is the centres, those with the most points first.
func (j *clustering) grid() report.Grid {
	b, n := j.best, j.points.len()
	order := make([]int, len(b.counts))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, c int) int { return b.counts[c] - b.counts[a] })
	const most = 100
	g := report.Grid{Title: fmt.Sprintf("%s: %d centres by %s, with their share of %d points", j.flags.Data, j.flags.K, j.flags.Algorithm, n)}
	if len(order) > most {
		order = order[:most]
		g.Title += fmt.Sprintf("; the largest %d", most)
	}
	lo, hi := slices.Min(b.centres.Data), slices.Max(b.centres.Data)
	if lo >= 0 && hi <= 1 {
		lo, hi = 0, 1
	}
	for row := range slices.Chunk(order, 10) {
		images := make([]report.Image, len(row))
		for i, k := range row {
			pixels := slices.Clone(b.centres.Row(k))
			for p := range pixels {
				pixels[p] = (pixels[p] - lo) / max(hi-lo, math.SmallestNonzeroFloat32)
			}
			images[i] = report.Image{Caption: fmt.Sprintf("%d: %s", k, percent(float64(b.counts[k])/float64(n))), Shape: j.points.image, Data: pixels}
		}
		g.Rows = append(g.Rows, report.GridRow{Images: images})
	}
	g.Rows[0].Name = "centre: share"
	return g
}

// figure is inertia over distance evaluations, whose axis has to be of their
// logarithm to show one pass and a hundred.
func (j *clustering) figure() report.Figure {
	lines := make([]report.Line, len(j.curves))
	for i, c := range j.curves {
		lines[i] = report.Line{Name: c.name, Y: c.inertia, Markers: true}
		for _, d := range c.distances {
			lines[i].X = append(lines[i].X, math.Log10(d))
		}
	}
	return report.Figure{
		Title:  fmt.Sprintf("k-means of %s: %d points, %d centres, one start", j.flags.Data, j.points.len(), j.flags.K),
		X:      "log10 of the distances that plain loops evaluate",
		Panels: []report.Panel{{Y: "inertia a point (squared units of the data)", Lines: lines}},
	}
}
