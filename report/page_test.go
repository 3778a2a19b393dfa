package report_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/report"
)

func page() report.Page {
	falls := report.Figure{Title: "variance", X: "layer", Panels: []report.Panel{{Y: "variance", LogY: true, Lines: []report.Line{
		{Name: "predicted", X: []float64{1, 2, 3}, Y: []float64{1, 1e-4, 1e-9}, Dashed: true},
		{Name: "measured", X: []float64{1, 2, 3}, Y: []float64{1, 2e-4, 1e-9}, Markers: true},
	}}}}
	digits := report.Grid{Rows: []report.GridRow{{Name: "a", Images: []report.Image{{Shape: []int{1, 2, 2}, Data: []float32{0, 1, 0.5, 0}}}}}}
	return report.Page{
		Title: "Does <it> train?", Verdict: "It vanishes from layer 2 on.",
		Sections: []report.Section{
			{Title: "Forwards", Text: "One paragraph.\n\nAnother & more.", Pictures: []report.Captioned{{Picture: falls, Caption: `The variance of "each" layer`}, {Picture: curve()}, {Picture: digits}}},
			{Tables: []report.Table{{Caption: "Layers", Header: []string{"layer", "variance"}, Rows: [][]string{{"linear", "0.5"}, {"relu", "−1.5e-3"}, {"≤ 1e-7", "5 words are no number"}}}}, Code: "gradus stats digits"},
		},
		Made: []report.Fact{{Name: "command", Value: "gradus stats digits"}},
	}
}

func TestPageStandsAlone(t *testing.T) {
	var b bytes.Buffer
	if err := page().Write(&b); err != nil {
		t.Fatal(err)
	}
	html := b.String()
	for _, want := range []string{
		"Does &lt;it&gt; train?", "<p>One paragraph.</p>\n<p>Another &amp; more.</p>", `aria-label="The variance of &#34;each&#34; layer"`,
		`<td class="n">−1.5e-3</td>`, "<td>relu</td>", `<td class="n">≤ 1e-7</td><td>5 words`, "<pre>gradus stats digits</pre>", "var(--series1)", "fill:var(--paper)", "<dt>command</dt>",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, foreign := range []string{"<script", "src=", "#000000", "#0072B2", "#0071B1", "<?xml", `href="http`} {
		if strings.Contains(html, foreign) {
			t.Errorf("the page has %q", foreign)
		}
	}
	if path := os.Getenv("GRADUS_PAGE"); path != "" { // to look at it
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for i, svg := range strings.Split(html, "<svg ")[1:] {
		svg, _, _ = strings.Cut("<svg "+svg, "</svg>")
		if err := wellFormed(svg + "</svg>"); err != nil {
			t.Errorf("picture %d: %v", i, err)
		}
	}
}

func wellFormed(text string) error {
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestPageRefusesWhatItCannotShow(t *testing.T) {
	for name, s := range map[string]report.Section{
		"a short row":            {Tables: []report.Table{{Header: []string{"a", "b"}, Rows: [][]string{{"1"}}}}},
		"an impossible picture":  {Pictures: []report.Captioned{{Picture: report.Grid{}}}},
		"zero on a log axis":     {Pictures: []report.Captioned{{Picture: report.Figure{Panels: []report.Panel{{LogY: true, Lines: []report.Line{{X: []float64{1}, Y: []float64{0}}}}}}}}},
		"negative on a log axis": {Pictures: []report.Captioned{{Picture: report.Figure{LogX: true, Panels: []report.Panel{{Lines: []report.Line{{X: []float64{-1}, Y: []float64{0}}}}}}}}},
	} {
		var b bytes.Buffer
		if err := (report.Page{Sections: []report.Section{s}}).Write(&b); err == nil {
			t.Errorf("%s: no error", name)
		}
		if b.Len() > 0 {
			t.Errorf("%s: something was written all the same", name)
		}
	}
}
