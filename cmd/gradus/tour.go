package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"text/tabwriter"

	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/tour"
)

// tourReport is where the report goes where nobody says.
const tourReport = "gradus-tour.html"

type tourCommand struct {
	Only     string `placeholder:"CHAPTER" help:"Visit one chapter: the name or number of its problem."`
	Seed     uint64 `default:"1" help:"Same seed, same figures."`
	Report   string `type:"path" placeholder:"FILE" help:"Write the report into FILE.html (default: gradus-tour.html; none with --json)."`
	Pictures string `type:"path" placeholder:"FOLDER" help:"Also write every picture as PNG into this folder, which must exist."`
	JSON     bool   `name:"json" help:"Print one JSON object."`
}

// Help is shown by gradus tour --help.
func (tourCommand) Help() string {
	return `Eleven chapters on digits that it draws itself: no files, no download. Each holds
what is measured against what theory says, within a stated tolerance; status 1
where one is outside.

Examples:
  gradus tour
  gradus tour --only linearised-attack --report attack.html
  gradus tour --json`
}

// Run visits the chapters, tells of each, and writes the report.
func (c *tourCommand) Run(ctx context.Context, term *terminal) error {
	if c.Report == "" && !c.JSON {
		c.Report = tourReport
	}
	page := reportFlag{c.Report}
	if err := errors.Join(page.checkReport(), c.checkPictures()); err != nil {
		return err
	}
	chapters, err := tour.Chapters(c.Only)
	if err != nil {
		return badInput(fmt.Errorf("--only: %w", err))
	}
	outcomes, err := c.visit(ctx, term, chapters)
	if err != nil {
		return err
	}
	for _, o := range outcomes {
		if err := c.savePictures(o); err != nil {
			return err
		}
	}
	if err := page.saveReport(term, func() report.Page { return tour.Page(outcomes, c.Seed) }); err != nil {
		return err
	}
	if err := c.print(term, outcomes); err != nil {
		return err
	}
	for _, o := range outcomes {
		if !o.Holds() {
			return errors.New("a measurement is outside its tolerance")
		}
	}
	return nil
}

// visit runs the chapters and prints each when it is done.
func (c *tourCommand) visit(ctx context.Context, term *terminal, chapters []tour.Chapter) ([]*tour.Outcome, error) {
	var doing atomic.Value
	lab := tour.NewLab(c.Seed)
	lab.Say = func(what string) { doing.Store(what) }
	var outcomes []*tour.Outcome
	for i, chapter := range chapters {
		doing.Store(chapter.Slug)
		done := term.working(func() string { return fmt.Sprintf("chapter %d of %d, %s", i+1, len(chapters), doing.Load()) })
		o, err := chapter.Visit(ctx, lab)
		done()
		if err != nil {
			return nil, err
		}
		outcomes = append(outcomes, o)
		if c.JSON {
			continue
		}
		if err := printChapter(term, o); err != nil {
			return nil, err
		}
	}
	return outcomes, nil
}

// printChapter prints theory beside measurement, and the verdict.
func printChapter(term *terminal, o *tour.Outcome) error {
	fmt.Fprintf(term.Out, "%d. %s: %s\n", o.Chapter.Number, o.Chapter.Title, o.Chapter.Question)
	w := tabwriter.NewWriter(term.Out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "theory\tmeasured\t\n")
	for _, f := range o.Figures {
		theory, measured := f.Texts()
		outside := ""
		if !f.Holds() {
			outside = "OUTSIDE: "
		}
		fmt.Fprintf(w, "%s\t%s\t  %s%s\n", theory, measured, outside, f.Name)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(term.Out, "verdict: %s\n\n", o.Verdict)
	return err
}

// print ends the tour.
func (c *tourCommand) print(term *terminal, outcomes []*tour.Outcome) error {
	if c.JSON {
		return c.printJSON(term, outcomes)
	}
	seconds := 0.
	for _, o := range outcomes {
		seconds += o.Seconds
	}
	_, err := fmt.Fprintf(term.Out, "%s; %.0f s\nreport: %s\n", tour.Verdict(outcomes), seconds, c.Report)
	return err
}

func (c *tourCommand) printJSON(term *terminal, outcomes []*tour.Outcome) error {
	type figure struct {
		Name      string `json:"name"`
		Theory    number `json:"theory"`
		Measured  number `json:"measured"`
		Low       number `json:"low"`
		High      number `json:"high"`
		Tolerance string `json:"tolerance"`
		Holds     bool   `json:"holds"`
	}
	type chapter struct {
		Number  int      `json:"number"`
		Slug    string   `json:"slug"`
		Figures []figure `json:"figures"`
		Holds   bool     `json:"holds"`
		Verdict string   `json:"verdict"`
		Seconds float64  `json:"seconds"`
	}
	result := struct {
		Seed     uint64    `json:"seed"`
		Chapters []chapter `json:"chapters"`
		Verdict  string    `json:"verdict"`
		Report   string    `json:"report,omitempty"`
	}{Seed: c.Seed, Verdict: tour.Verdict(outcomes), Report: c.Report}
	for _, o := range outcomes {
		in := chapter{Number: o.Chapter.Number, Slug: o.Chapter.Slug, Holds: o.Holds(), Verdict: o.Verdict, Seconds: o.Seconds}
		for _, f := range o.Figures {
			in.Figures = append(in.Figures, figure{f.Name, number(f.Theory), number(f.Measured), number(f.Low), number(f.High), f.Tolerance, f.Holds()})
		}
		result.Chapters = append(result.Chapters, in)
	}
	return json.NewEncoder(term.Out).Encode(result)
}

// checkPictures finds out before the work whether pictures can be written.
func (c *tourCommand) checkPictures() error {
	if c.Pictures == "" {
		return nil
	}
	if stat, err := os.Stat(c.Pictures); err != nil || !stat.IsDir() {
		return badInputf("--pictures %s: want a folder that exists", c.Pictures)
	}
	return checkOutput("--pictures", filepath.Join(c.Pictures, "depth.png"))
}

// savePictures writes a chapter's.
func (c *tourCommand) savePictures(o *tour.Outcome) error {
	if c.Pictures == "" {
		return nil
	}
	for _, p := range o.Pictures {
		if err := savePicture(filepath.Join(c.Pictures, p.Name+".png"), p.Picture); err != nil {
			return err
		}
	}
	return nil
}
