package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/gradus-ml/gradus/bench"
	"github.com/gradus-ml/gradus/report"
)

// growthResult is what bench --scale measures.
type growthResult struct {
	grown   []bench.Grown
	feeding bench.Feeding
}

// scale measures how time and memory grow.
func (c *benchCommand) scale(ctx context.Context, term *terminal) error {
	growths := slices.DeleteFunc(bench.Growths(), func(g bench.Growth) bool { return !strings.HasPrefix(g.Name, c.Only) })
	if len(growths) == 0 {
		return badInputf("--only %s: no growth begins so: want batch, width, depth, examples or K", c.Only)
	}
	var r growthResult
	for _, g := range growths {
		var at atomic.Int64
		done := term.working(func() string { return fmt.Sprintf("%s of %d: %s", g.Name, at.Load(), g.Work) })
		grown, err := g.Measure(ctx, func(size int) { at.Store(int64(size)) })
		done()
		if err != nil {
			return err
		}
		if err := c.printGrown(term, grown); err != nil {
			return err
		}
		r.grown = append(r.grown, grown)
	}
	done := term.working(func() string { return "reading batches beside training" })
	var err error
	r.feeding, err = bench.MeasureFeeding(ctx)
	done()
	if err != nil {
		return err
	}
	if c.Plot != "" {
		if err := savePicture(c.Plot, r.figure()); err != nil {
			return err
		}
	}
	if err := c.saveReport(term, r.page); err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(term.Out).Encode(r.feeding)
	}
	_, err = fmt.Fprintf(term.Out, "%s\nverdict: %s\n", r.reading(), r.verdict())
	return err
}

// printGrown prints one growth as soon as it is known.
func (c *benchCommand) printGrown(term *terminal, g bench.Grown) error {
	if c.JSON {
		return json.NewEncoder(term.Out).Encode(g)
	}
	fmt.Fprintf(term.Out, "%s: %s\n", g.Name, g.Work)
	table := grownTable(g)
	for _, row := range slices.Insert(table.Rows, 0, table.Header) {
		fmt.Fprintf(term.Out, "%10s %12s %12s\n", row[0], row[1], row[2])
	}
	_, err := fmt.Fprintf(term.Out, "  %s\n\n", exponents(g))
	return err
}

// exponents says how a growth was fitted.
func exponents(g bench.Grown) string {
	return fmt.Sprintf("time grows as %s^%.2f (operations ^%.2f), memory as ^%.2f (what it must hold ^%.2f, %.2f times that at the end)",
		g.Name, g.TimeExponent, g.OperationsExponent, g.MemoryExponent, g.BytesExponent, g.MemoryRatio)
}

func grownTable(g bench.Grown) report.Table {
	t := report.Table{Caption: g.Work, Header: []string{g.Name, "ms", "MB"}}
	for i, size := range g.Sizes {
		t.Rows = append(t.Rows, []string{strconv.Itoa(size), fmt.Sprintf("%.3g", g.Milliseconds[i]), fmt.Sprintf("%.3g", g.Peak[i]/1e6)})
	}
	return t
}

func (r *growthResult) reading() string {
	return fmt.Sprintf("reading a batch of %d takes %.3g ms, the step on it %.3g ms; together they take %.3g ms: %.0f%% of training waits for data",
		r.feeding.Batch, r.feeding.Reading, r.feeding.Step, r.feeding.Both, 100*r.feeding.Share())
}

// faster is how much more the exponent of time may be than that of the
// operations before the verdict says so: caches end somewhere.
const faster = 0.15

func (r *growthResult) verdict() string {
	var over []string
	for _, g := range r.grown {
		if g.TimeExponent > g.OperationsExponent+faster {
			over = append(over, g.Name)
		}
	}
	if len(over) > 0 {
		return "time grows faster than the operations with " + strings.Join(over, ", ")
	}
	return "time grows with no size faster than the operations do"
}

// figure draws all growths from their smallest size on, which is 1.
func (r *growthResult) figure() report.Figure {
	time, memory := report.Panel{Y: "time / at smallest size", LogY: true, Legend: report.TopLeft}, report.Panel{Y: "memory / at smallest size", LogY: true, Legend: report.TopLeft}
	largest := 1.0
	for _, g := range r.grown {
		var x, ms, bytes []float64
		for i, size := range g.Sizes {
			x = append(x, float64(size)/float64(g.Sizes[0]))
			ms = append(ms, g.Milliseconds[i]/g.Milliseconds[0])
			bytes = append(bytes, g.Peak[i]/g.Peak[0])
		}
		largest = max(largest, x[len(x)-1])
		time.Lines = append(time.Lines, report.Line{Name: fmt.Sprintf("%s, exponent %.2f", g.Name, g.TimeExponent), X: x, Y: ms, Markers: true})
		memory.Lines = append(memory.Lines, report.Line{Name: fmt.Sprintf("%s, exponent %.2f", g.Name, g.MemoryExponent), X: x, Y: bytes, Markers: true})
	}
	proportional := report.Line{Name: "in proportion", X: []float64{1, largest}, Y: []float64{1, largest}, Dashed: true}
	time.Lines, memory.Lines = append(time.Lines, proportional), append(memory.Lines, proportional)
	return report.Figure{Title: "How time and memory grow", X: "size / smallest size", LogX: true, Panels: []report.Panel{time, memory}}
}

// page is the report.
func (r *growthResult) page() report.Page {
	s := report.Section{
		Title:    "Time and memory over size",
		Text:     "Each size grows while the others stay. Time is the best of several repetitions; memory is what is held and what one more repetition allocates.\n\n" + r.reading() + ".",
		Pictures: []report.Captioned{{Picture: r.figure(), Caption: "Time and memory, relative to the smallest size, on logarithmic axes: a straight line is a power."}},
	}
	for _, g := range r.grown {
		t := grownTable(g)
		t.Caption += ": " + exponents(g)
		s.Tables = append(s.Tables, t)
	}
	return report.Page{Title: "Growth", Verdict: r.verdict(), Sections: []report.Section{s}}
}
