package tour

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gradus-ml/gradus/report"
)

// Verdict is what the chapters come to together, in a sentence.
func Verdict(outcomes []*Outcome) string {
	var outside []string
	for _, o := range outcomes {
		if !o.Holds() {
			outside = append(outside, o.Chapter.Slug)
		}
	}
	chapters := fmt.Sprintf("%d chapters", len(outcomes))
	if len(outcomes) == 1 {
		chapters = "1 chapter"
	}
	if len(outside) == 0 {
		return chapters + ": every measurement is where theory says, within its tolerance"
	}
	return fmt.Sprintf("%s: outside a tolerance in %s", chapters, strings.Join(outside, ", "))
}

// Page is the report of a tour.
func Page(outcomes []*Outcome, seed uint64) report.Page {
	summary := report.Table{Header: []string{"", "problem", "what was found"}}
	p := report.Page{Title: "Eleven problems at work", Verdict: capital(Verdict(outcomes)) + ".", Made: []report.Fact{{Name: "seed", Value: strconv.FormatUint(seed, 10)}}}
	p.Sections = []report.Section{{}}
	for _, o := range outcomes {
		summary.Rows = append(summary.Rows, []string{strconv.Itoa(o.Chapter.Number), o.Chapter.Title, o.Verdict})
		p.Sections = append(p.Sections, o.section())
	}
	p.Sections[0] = report.Section{
		Text:   "All data are digits and letters drawn from the Go fonts; nothing was downloaded. Each table sets what theory says beside what was measured, with the tolerance that was stated before.",
		Tables: []report.Table{summary},
	}
	return p
}

// section is a chapter in the report.
func (o *Outcome) section() report.Section {
	table := report.Table{Header: []string{"", "theory", "measured", "tolerance"}}
	for _, f := range o.Figures {
		theory, measured := f.Texts()
		if !f.Holds() {
			measured += " (outside)"
		}
		table.Rows = append(table.Rows, []string{f.Name, theory, measured, f.Tolerance})
	}
	s := report.Section{
		Title:  fmt.Sprintf("%d. %s", o.Chapter.Number, o.Chapter.Title),
		Text:   o.Chapter.Question + "\n\n" + o.Chapter.About + "\n\n" + capital(o.Verdict) + ".",
		Tables: []report.Table{table},
		Code:   o.Chapter.Try,
	}
	for _, p := range o.Pictures {
		s.Pictures = append(s.Pictures, p.Captioned)
	}
	return s
}

// capital begins a sentence.
func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
