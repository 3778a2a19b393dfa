package main

import (
	"fmt"
	"strconv"

	"github.com/gradus-ml/gradus/report"
)

// listed is how many of the least likely examples a report lists.
const listed = 20

// page is the report.
func (s *scores) page() (report.Page, error) {
	figure, err := s.figure()
	if err != nil {
		return report.Page{}, err
	}
	pictures := []report.Captioned{{Picture: figure, Caption: "How many examples have which score: what the model pays for one."}}
	if drawable(s.model.file.Input) {
		grid, err := s.grid()
		if err != nil {
			return report.Page{}, err
		}
		pictures = append(pictures, report.Captioned{Picture: grid, Caption: "The examples that score highest, and those that score lowest."})
	}
	q := s.quantiles()
	figures := report.Table{Caption: "Scores in nats.", Header: []string{"lowest", "quarter", "median", "three quarters", "highest"}, Rows: [][]string{nil}}
	for _, level := range []string{"0", "0.25", "0.5", "0.75", "1"} {
		figures.Rows[0] = append(figures.Rows[0], fmt.Sprintf("%.1f", float64(q[level])))
	}
	highest := report.Table{Caption: "The least likely examples.", Header: []string{"example", "score (nats)"}}
	for _, i := range s.order[:min(listed, len(s.order))] {
		highest.Rows = append(highest.Rows, []string{strconv.Itoa(i), fmt.Sprintf("%.1f", s.of[i])})
	}
	c := s.command
	return report.Page{
		Title: fmt.Sprintf("What is unlikely in %s?", s.data.Info().Name), Verdict: s.verdict(),
		Sections: []report.Section{{
			Title:    "Scores",
			Text:     fmt.Sprintf("The score of an example is its negative bound (%s) in nats under %s, over %d examples.", c.Bound, c.Model, len(s.of)),
			Pictures: pictures, Tables: []report.Table{figures, highest},
		}},
		Made: []report.Fact{{Name: "model", Value: c.Model}, {Name: "data", Value: c.Data}, {Name: "codes of each", Value: strconv.Itoa(c.Codes)}, {Name: "seed", Value: strconv.FormatUint(c.Seed, 10)}},
	}, nil
}
