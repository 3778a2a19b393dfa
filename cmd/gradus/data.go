package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/dataset/fetch"
	"github.com/gradus-ml/gradus/modelfile"
)

type dataCommand struct {
	List     dataList     `cmd:"" help:"List the data sets known by name."`
	Describe dataDescribe `cmd:"" help:"Count classes and measure features of a data set."`
	Export   dataExport   `cmd:"" help:"Write a data set as IDX files, or its first pictures as a PNG sheet."`
	Fetch    dataFetch    `cmd:"" help:"Download a public data set, with checksums."`
}

// sourceFlags choose one part of a data set.
type sourceFlags struct {
	Data  string `arg:"" optional:"" default:"glyphs" help:"A name from gradus data list, a folder, or a file."`
	Split string `enum:"train,test" default:"train" help:"Which part: ${enum}."`
}

func (f sourceFlags) open(term *terminal) (dataset.Source, dataset.Split, error) {
	split := dataset.Train
	if f.Split == "test" {
		split = dataset.Test
	}
	defer term.working(func() string { return "reading " + f.Data })()
	source, err := dataset.Open(f.Data, split)
	return source, split, badInput(err)
}

type dataList struct {
	JSON bool `name:"json" help:"One JSON object a line."`
}

// Run prints the known data sets.
func (c *dataList) Run(term *terminal) error {
	for _, e := range dataset.Known() {
		if c.JSON {
			if err := json.NewEncoder(term.Out).Encode(map[string]any{"name": e.Name, "description": e.Description, "download": e.Download}); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(term.Out, "%-14s %s\n", e.Name, e.Description)
	}
	return nil
}

type dataDescribe struct {
	sourceFlags
	JSON bool `name:"json" help:"Print one JSON object."`
}

// Help is shown by gradus data describe --help.
func (dataDescribe) Help() string {
	return "Example:\n  gradus data describe mnist --split test"
}

// Run reads the whole source.
func (c *dataDescribe) Run(ctx context.Context, term *terminal) error {
	source, _, err := c.open(term)
	if err != nil {
		return err
	}
	watched, done := term.watch(source)
	d, err := dataset.Describe(ctx, watched)
	done()
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(term.Out).Encode(map[string]any{
			"name": d.Info.Name, "examples": d.Examples, "shape": d.Info.Shape, "classes": d.Info.Classes,
			"counts": d.Counts, "mean": d.Mean, "std": d.Std, "min": d.Min, "max": d.Max,
		})
	}
	fmt.Fprintf(term.Out, "%s (%s): %d examples of shape %v\n", d.Info.Name, c.Split, d.Examples, d.Info.Shape)
	fmt.Fprintf(term.Out, "features: mean %.4f, standard deviation %.4f, from %.4g to %.4g\n", d.Mean, d.Std, d.Min, d.Max)
	most := 1
	for _, n := range d.Counts {
		most = max(most, n)
	}
	for i, n := range d.Counts {
		fmt.Fprintf(term.Out, "  %-16s %7d  %5.2f%%  %s\n", d.Info.Classes[i], n, 100*float64(n)/float64(d.Examples), strings.Repeat("█", n*30/most))
	}
	return nil
}

type dataExport struct {
	sourceFlags
	IDX   string `name:"idx" type:"path" placeholder:"DIR" help:"Write IDX files into this folder, in the layout of MNIST."`
	Sheet string `type:"path" placeholder:"FILE.png" help:"Write the first pictures, with their classes, into this file."`
	Rows  int    `default:"10" help:"Rows of the sheet."`
	Cols  int    `default:"16" help:"Columns of the sheet."`
	N     int    `name:"n" default:"0" placeholder:"COUNT" help:"Only the first COUNT examples; 0 is all."`
}

// Help is shown by gradus data export --help.
func (dataExport) Help() string {
	return "Examples:\n  gradus data export glyphs --sheet glyphs.png\n  gradus data export glyphs --idx drawn/ --n 1000"
}

// Run writes what was asked for.
func (c *dataExport) Run(ctx context.Context, term *terminal) error {
	if c.IDX == "" && c.Sheet == "" {
		return badInputf("nothing to write: give --idx DIR, --sheet FILE.png, or both")
	}
	if c.Sheet != "" && !strings.EqualFold(filepath.Ext(c.Sheet), ".png") {
		return badInputf("--sheet %s: want a name that ends in .png", c.Sheet)
	}
	source, split, err := c.open(term)
	if err != nil {
		return err
	}
	if c.N < 0 || c.N > source.Len() {
		return badInputf("--n %d: want 0 to %d, the number of examples", c.N, source.Len())
	}
	if c.N > 0 {
		first := make([]int, c.N)
		for i := range first {
			first[i] = i
		}
		source = dataset.Subset(source, first)
	}
	if c.Sheet != "" {
		sheet, err := dataset.ContactSheet(source, c.Rows, c.Cols)
		if err != nil {
			return badInput(err)
		}
		if err := modelfile.WriteFile(c.Sheet, func(w io.Writer) error { return png.Encode(w, sheet) }); err != nil {
			return err
		}
		fmt.Fprintln(term.Out, c.Sheet)
	}
	if c.IDX != "" {
		watched, done := term.watch(source)
		err := dataset.Export(ctx, watched, c.IDX, split)
		done()
		var unwritten *fs.PathError
		if err != nil && !errors.As(err, &unwritten) {
			return badInput(err)
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(term.Out, c.IDX)
	}
	return nil
}

type dataFetch struct {
	Name   string `arg:"" help:"mnist or fashion-mnist."`
	Dir    string `type:"path" placeholder:"DIR" help:"Folder to put it in (default: the cache folder, where --data NAME finds it)."`
	Mirror string `placeholder:"URL" help:"Try this address first; the files' checksums are the same."`
}

// Help is shown by gradus data fetch --help.
func (dataFetch) Help() string {
	return "Files that are there and right are kept; a wrong or cut download leaves nothing behind.\n\nExample:\n  gradus data fetch mnist && gradus train --data mnist"
}

// Run downloads into the folder.
func (c *dataFetch) Run(ctx context.Context, term *terminal) error {
	var set *fetch.Set
	var names []string
	for _, s := range fetch.Sets() {
		names = append(names, s.Name)
		if s.Name == c.Name {
			set = &s
		}
	}
	if set == nil {
		return badInputf("%s: no such data set: want %s", c.Name, strings.Join(names, " or "))
	}
	if c.Dir == "" {
		var err error
		if c.Dir, err = fetch.Folder(c.Name); err != nil {
			return badInput(fmt.Errorf("no cache folder: %w: give --dir", err))
		}
	}
	if c.Mirror != "" {
		set.Mirrors = append([]string{strings.TrimSuffix(c.Mirror, "/") + "/"}, set.Mirrors...)
	}
	client, bar := fetch.Default(), newDownloadBar(term)
	client.Progress = bar.show
	err := client.Fetch(ctx, *set, c.Dir)
	bar.finish()
	if err != nil {
		return err
	}
	fmt.Fprintln(term.Out, c.Dir)
	return nil
}
