package report

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"image/color"
	"io"
	"strconv"
	"strings"
)

// Page is a report that a browser shows by itself: pictures inline, no script,
// nothing fetched, light and dark as the reader's system is, and on paper.
type Page struct {
	Title    string
	Verdict  string // one sentence
	Sections []Section
	Made     []Fact // what made it: command, data, seeds, versions
}

// Section is a part of a page. What is empty is left out.
type Section struct {
	Title    string
	Text     string // paragraphs, divided by empty lines
	Pictures []Captioned
	Tables   []Table
	Code     string // shown as it is
}

// Captioned is a picture with what it shows in words, for those who cannot see
// it too.
type Captioned struct {
	Picture Picture
	Caption string
}

// Picture is what this package draws, as "svg" or "png".
type Picture interface {
	Write(w io.Writer, format string) error
}

// Table is rows of text; cells that are numbers stand at the right.
type Table struct {
	Caption string
	Header  []string
	Rows    [][]string
}

// Fact is a name and its value.
type Fact struct{ Name, Value string }

//go:embed page.html.tmpl
var files embed.FS

// Write writes the page as HTML. It returns an error for a row whose length is
// not its header's, and for a picture that cannot be drawn.
func (p Page) Write(w io.Writer) error {
	for _, s := range p.Sections {
		for _, t := range s.Tables {
			for i, row := range t.Rows {
				if len(row) != len(t.Header) {
					return fmt.Errorf("report: table %q: row %d has %d cells, its header %d", t.Caption, i+1, len(row), len(t.Header))
				}
			}
		}
	}
	page, err := template.New("page.html.tmpl").Funcs(template.FuncMap{"paragraphs": paragraphs, "inline": inline, "number": isNumber}).ParseFS(files, "page.html.tmpl")
	if err != nil {
		return err
	}
	var whole bytes.Buffer // whole before anything is written
	if err := page.Execute(&whole, p); err != nil {
		return err
	}
	_, err = w.Write(whole.Bytes())
	return err
}

func paragraphs(text string) []string { return strings.Split(strings.TrimSpace(text), "\n\n") }

// isNumber reports whether a cell is a number or a bound, with a unit or
// without.
func isNumber(cell string) bool {
	words := strings.Fields(strings.TrimLeft(cell, "≤≥ "))
	if len(words) == 0 || len(words) > 2 {
		return false
	}
	_, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimRight(words[0], "%×"), "−", "-"), 64)
	return err == nil || cell == "–"
}

// inline returns the SVG of a picture as part of a page whose style sheet
// names its colours.
func inline(c Captioned) (template.HTML, error) {
	var b bytes.Buffer
	if err := c.Picture.Write(&b, "svg"); err != nil {
		return "", fmt.Errorf("report: picture %q: %w", c.Caption, err)
	}
	_, svg, ok := strings.Cut(b.String(), "<svg ")
	if !ok {
		return "", fmt.Errorf("report: picture %q: no SVG", c.Caption)
	}
	named := []string{"fill:#FFFFFF", "fill:var(--paper)", "#000000", "var(--ink)", "#E8E8E8", "var(--grid)"}
	for i := range paletteSize - 1 { // the last is the ink
		series := fmt.Sprintf("var(--series%d)", i)
		solid, faint := palette(i), palette(i)
		faint.A = faintAlpha
		named = append(named, svgColour(solid), series, svgColour(faint), series)
	}
	svg = strings.NewReplacer(named...).Replace(svg)
	return template.HTML(`<svg role="img" aria-label="` + template.HTMLEscapeString(c.Caption) + `" ` + svg), nil
}

// svgColour is a colour as the plotting library writes it: cut off, not
// rounded, where it is partly transparent.
func svgColour(c color.Color) string {
	r, g, b, a := c.RGBA()
	scale := 255 / float64(a)
	return fmt.Sprintf("#%02X%02X%02X", int(float64(r)*scale), int(float64(g)*scale), int(float64(b)*scale))
}
