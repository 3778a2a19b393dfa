package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gradus-ml/gradus/dataset/idx"
	"github.com/gradus-ml/gradus/dataset/npy"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/tensor"
)

// outFlag names files for examples that a model makes.
type outFlag struct {
	Out []string `type:"path" sep:"none" placeholder:"FILE" help:"Where to: FILE.svg or FILE.png draws pictures, FILE.npy and FILE.csv hold numbers, FILE-ubyte and FILE-ubyte.gz pictures as IDX. May be given again."`
	reportFlag
}

// check finds out before the work whether the files can be written for
// examples of a shape.
func (f outFlag) check(shape []int) error {
	switch {
	case len(f.Out) == 0 && f.Report == "":
		return badInputf("nowhere to write to: want --out, such as --out pictures.png, or --report")
	case f.Report != "" && !drawable(shape):
		return badInputf("--report: examples of shape %v are no pictures: want --out with .npy or .csv", shape)
	}
	if err := f.checkReport(); err != nil {
		return err
	}
	for _, path := range f.Out {
		pictures := true
		switch kind := outKind(path); {
		case kind == "svg" || kind == "png":
		case kind == "npy" || kind == "csv":
			pictures = false
		case kind == "idx" && len(shape) == 3 && shape[0] != 1:
			return badInputf("--out %s: IDX images are grey: the model's are of shape %v", path, shape)
		case kind != "idx":
			return badInputf("--out %s: want a name that ends in .svg, .png, .npy, .csv, -ubyte or -ubyte.gz", path)
		}
		if pictures && !drawable(shape) {
			return badInputf("--out %s: examples of shape %v are no pictures: want .npy or .csv", path, shape)
		}
		if err := checkOutput("--out", path); err != nil {
			return err
		}
	}
	return nil
}

// outKind is the format that a file's name asks for, "" for none.
func outKind(path string) string {
	if strings.HasSuffix(path, "-ubyte") || strings.HasSuffix(path, "-ubyte.gz") {
		return "idx"
	}
	switch kind := strings.TrimPrefix(ending(path), "."); kind {
	case "svg", "png", "npy", "csv":
		return kind
	}
	return ""
}

// save writes examples [n, …] in the units of the data, and the grid that shows
// them, into the files; the report has the grid and, in one sentence, what they
// are.
func (f outFlag) save(term *terminal, x *tensor.Tensor[float32], grid func() report.Grid, what string, made ...report.Fact) error {
	for _, path := range f.Out {
		var err error
		switch outKind(path) {
		case "svg", "png":
			err = savePicture(path, grid())
		case "npy":
			err = modelfile.WriteFile(path, func(w io.Writer) error { return npy.Write(w, x) })
		case "csv":
			err = modelfile.WriteFile(path, func(w io.Writer) error { return writeRows(w, x) })
		case "idx":
			err = idx.Create(path, bytesOf(x))
		}
		if err != nil {
			return err
		}
	}
	return f.saveReport(term, func() report.Page {
		g := grid()
		return report.Page{Title: g.Title, Verdict: what, Sections: []report.Section{{Pictures: []report.Captioned{{Picture: g, Caption: what + "."}}}}, Made: made}
	})
}

// files lists them for the verdict.
func (f outFlag) files() string {
	files := f.Out
	if f.Report != "" {
		files = append(slices.Clone(files), f.Report)
	}
	return strings.Join(files, ", ")
}

// writeRows writes examples as lines of numbers.
func writeRows(w io.Writer, x *tensor.Tensor[float32]) error {
	table := csv.NewWriter(w)
	line := make([]string, tensor.Size(x.Shape[1:]))
	for i := range x.Shape[0] {
		for j, v := range x.Row(i) {
			line[j] = strconv.FormatFloat(float64(v), 'g', -1, 32)
		}
		table.Write(line)
	}
	table.Flush()
	return table.Error()
}

// bytesOf makes pictures [n, 1, height, width] of values from 0 to 1 bytes.
func bytesOf(x *tensor.Tensor[float32]) *idx.Array {
	a := &idx.Array{Shape: append([]int{x.Shape[0]}, x.Shape[len(x.Shape)-2:]...), Data: make([]byte, len(x.Data))}
	for i, v := range x.Data {
		a.Data[i] = byte(math.Round(255 * min(max(float64(v), 0), 1)))
	}
	return a
}

// maxRows is how many rows of pictures a grid shows at most.
const maxRows = 20

// row is examples first to last of x side by side.
func row(name string, x *tensor.Tensor[float32], first, last int, caption func(i int) string) report.GridRow {
	r := report.GridRow{Name: name}
	for i := first; i < last; i++ {
		image := report.Image{Shape: x.Shape[1:], Data: x.Row(i)}
		if caption != nil {
			image.Caption = caption(i)
		}
		r.Images = append(r.Images, image)
	}
	return r
}

// rows is the examples of x, so many in a row, the first named.
func rows(name string, x *tensor.Tensor[float32], columns int) []report.GridRow {
	var g []report.GridRow
	for first := 0; first < x.Shape[0] && len(g) < maxRows; first += columns {
		g = append(g, row(name, x, first, min(first+columns, x.Shape[0]), nil))
		name = ""
	}
	return g
}

// nats writes an amount with a true minus sign and its unit.
func nats(v float64) string {
	return strings.Replace(fmt.Sprintf("%.1f nats", v), "-", "−", 1)
}
