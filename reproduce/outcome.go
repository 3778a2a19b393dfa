package reproduce

import (
	"fmt"
	"slices"
	"strings"
)

// Outcome is what an experiment gave, as it is kept.
type Outcome struct {
	Experiment string    `json:"experiment"` // its name
	Title      string    `json:"title"`
	About      string    `json:"about"`
	Made       string    `json:"made,omitempty"` // program and machine
	Seed       uint64    `json:"seed"`
	Seconds    float64   `json:"seconds"`
	Figures    []Row     `json:"figures"`
	Pictures   []Picture `json:"pictures,omitempty"`

	Drawings []Drawing `json:"-"` // of this run
}

// Row is a figure as it is shown.
type Row struct {
	Name   string   `json:"name"`
	Value  *float64 `json:"value"` // nil for what is not a finite number
	Shown  string   `json:"shown"`
	Band   string   `json:"band,omitempty"`
	Holds  bool     `json:"holds"`
	Beside string   `json:"beside,omitempty"`
}

// Picture is the file of a picture, and its caption.
type Picture struct {
	File    string `json:"file"`
	Caption string `json:"caption"`
}

// Holds reports whether every figure lies in its band.
func (o *Outcome) Holds() bool {
	return !slices.ContainsFunc(o.Figures, func(r Row) bool { return !r.Holds })
}

// Markdown is the outcome as a section: the paragraph, a table, and links to
// the pictures in a folder.
func (o *Outcome) Markdown(pictures string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n%s\n\n| | measured | band | beside it |\n|---|---:|---|---|\n", o.Title, o.About)
	for _, r := range o.Figures {
		mark := ""
		if !r.Holds {
			mark = " **outside its band**"
		}
		fmt.Fprintf(&b, "| %s | %s%s | %s | %s |\n", r.Name, r.Shown, mark, r.Band, r.Beside)
	}
	for _, p := range o.Pictures {
		fmt.Fprintf(&b, "\n![%s](%s/%s)\n", p.Caption, pictures, p.File)
	}
	fmt.Fprintf(&b, "\n`gradus reproduce --only %s`, seed %d: %.0f s.\n", o.Experiment, o.Seed, o.Seconds)
	return b.String()
}
