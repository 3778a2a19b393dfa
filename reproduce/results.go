package reproduce

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gradus-ml/gradus/modelfile"
)

// Results is a page of outcomes in a folder: RESULTS.md to read, results.json
// for programs, and the pictures. An experiment that is run again replaces its
// own outcome and no other.
type Results struct {
	folder   string
	outcomes map[string]*Outcome // by experiment
}

// Names inside the folder of results.
const (
	pageFile      = "RESULTS.md"
	outcomesFile  = "results.json"
	pictureFolder = "pictures"
)

// OpenResults reads what a folder holds: nothing, if there are no results yet.
// It returns an error for a results.json that is not its own.
func OpenResults(folder string) (*Results, error) {
	r := &Results{folder: folder, outcomes: map[string]*Outcome{}}
	path := filepath.Join(folder, outcomesFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	} else if err != nil {
		return nil, err
	}
	var kept []*Outcome
	if err := json.Unmarshal(text, &kept); err != nil {
		return nil, fmt.Errorf("%s: %w: want the results of an earlier run, or no such file", path, err)
	}
	for _, o := range kept {
		if o != nil {
			r.outcomes[o.Experiment] = o
		}
	}
	return r, nil
}

// Add keeps an outcome and writes its pictures, the page and the JSON, each
// file all or nothing.
func (r *Results) Add(o *Outcome) error {
	pictures := filepath.Join(r.folder, pictureFolder)
	if len(o.Drawings) > 0 {
		if err := os.MkdirAll(pictures, 0o777); err != nil {
			return err
		}
	}
	for _, d := range o.Drawings {
		err := modelfile.WriteFile(filepath.Join(pictures, d.File), func(w io.Writer) error {
			return d.Picture.Write(w, strings.TrimPrefix(filepath.Ext(d.File), "."))
		})
		if err != nil {
			return err
		}
	}
	r.outcomes[o.Experiment] = o
	err := modelfile.WriteFile(filepath.Join(r.folder, outcomesFile), func(w io.Writer) error {
		encode := json.NewEncoder(w)
		encode.SetIndent("", "  ")
		encode.SetEscapeHTML(false)
		return encode.Encode(r.Outcomes())
	})
	if err != nil {
		return err
	}
	return modelfile.WriteFile(filepath.Join(r.folder, pageFile), func(w io.Writer) error {
		_, err := io.WriteString(w, r.Markdown())
		return err
	})
}

// Outcomes returns the outcomes in the order of the experiments. One whose
// experiment is no more is left out.
func (r *Results) Outcomes() []*Outcome {
	kept := []*Outcome{}
	for _, e := range Experiments("") {
		if o := r.outcomes[e.Name]; o != nil {
			kept = append(kept, o)
		}
	}
	return kept
}

// Markdown is the whole page.
func (r *Results) Markdown() string {
	var b strings.Builder
	b.WriteString(`# Results

Each figure was measured by the command under its table, and stands beside the number that was published for it, that a peer reaches, or that was predicted. Bands are stated in the code, where they come from targets, published figures and theory; ` + "`gradus reproduce`" + ` measures everything again, writes this page and results.json, and fails where a figure leaves its band. The data are the real MNIST unless said otherwise.
`)
	made := ""
	for _, o := range r.Outcomes() {
		if o.Made != made {
			made = o.Made
			fmt.Fprintf(&b, "\nMeasured with %s.\n", made)
		}
		b.WriteString("\n" + o.Markdown(pictureFolder))
	}
	return b.String()
}
