package tour

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gradus-ml/gradus/problems"
	"github.com/gradus-ml/gradus/report"
)

// Chapter is one of the eleven problems at work.
type Chapter struct {
	Number   int
	Slug     string // of the problem
	Title    string // of the problem
	Question string // that a user asks
	About    string // what the chapter does, a paragraph
	Try      string // a command to go on with

	run func(ctx context.Context, lab *Lab) (*finding, error)
}

// finding is what a chapter comes to.
type finding struct {
	figures  []Figure
	pictures []Picture
	verdict  string // true where all figures hold
}

// Picture is one to look at, with a name for its file.
type Picture struct {
	Name string
	report.Captioned
}

// Outcome is what a chapter found.
type Outcome struct {
	Chapter  Chapter
	Figures  []Figure
	Pictures []Picture
	Verdict  string // one sentence
	Seconds  float64
}

// Chapters returns the chapters in the order of the problems, or the one of the
// problem that only names, by slug or number; all if it is empty.
func Chapters(only string) ([]Chapter, error) {
	all := []Chapter{
		nodeStatistics(), tiedDilatedFilter(), emaProximalSGD(), linearisedAttack(), klCrossEntropy(), normProx(),
		priorShift(), kMeans(), normalisedLinear(), optimalVarianceVAE(), mirrorDescent(),
	}
	for i := range all {
		p, err := problems.Find(all[i].Slug)
		if err != nil {
			return nil, err
		}
		all[i].Number, all[i].Title = p.Number, p.Title
	}
	if only == "" {
		return all, nil
	}
	p, err := problems.Find(only)
	if err != nil {
		return nil, err
	}
	return all[p.Number-1 : p.Number], nil
}

// Visit runs the chapter. The same lab, or another of the same seed, gives the
// same figures, whichever chapters ran before. It fails where something could
// not be computed; figures outside their tolerance are for [Outcome.Holds].
func (c Chapter) Visit(ctx context.Context, lab *Lab) (*Outcome, error) {
	start := time.Now()
	lab.chapter = c.Slug
	f, err := c.run(ctx, lab)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Slug, err)
	}
	o := &Outcome{Chapter: c, Figures: f.figures, Pictures: f.pictures, Verdict: f.verdict, Seconds: time.Since(start).Seconds()}
	var outside []string
	for _, figure := range o.Figures {
		if !figure.Holds() {
			theory, measured := figure.Texts()
			outside = append(outside, fmt.Sprintf("%s: theory %s, measured %s", figure.Name, theory, measured))
		}
	}
	if len(outside) > 0 {
		o.Verdict = "outside its tolerance: " + strings.Join(outside, "; ")
	}
	return o, nil
}

// Holds reports whether every measurement lies within its tolerance.
func (o *Outcome) Holds() bool {
	for _, f := range o.Figures {
		if !f.Holds() {
			return false
		}
	}
	return true
}
