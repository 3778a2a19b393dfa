package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/dataset/csv"
	"github.com/gradus-ml/gradus/dataset/idx"
	"github.com/gradus-ml/gradus/dataset/npy"
	"github.com/gradus-ml/gradus/tensor"
)

// points are what is clustered.
type points struct {
	x       *tensor.Tensor[float32] // [points, features]
	columns []string                // names of the features, nil for none
	image   []int                   // [channels, height, width], nil for no pictures
	seen    int                     // how many there were, where x is nil: of a stream
}

func (p *points) len() int {
	if p.x == nil {
		return p.seen
	}
	return p.x.Shape[0]
}

func ending(path string) string { return strings.ToLower(filepath.Ext(path)) }

// read reads the data, as much of it as is asked for.
func (c *clusterCommand) read(ctx context.Context, term *terminal) (*points, error) {
	done := term.working(func() string { return "reading " + c.Data })
	p, err := c.open(ctx, term.In)
	done()
	if err != nil {
		return nil, badInput(err)
	}
	if n := p.x.Shape[0]; c.N > 0 && c.N < n {
		p.x = p.x.Rows(0, c.N)
	}
	if p.x.Shape[0] == 0 || p.x.Shape[1] == 0 {
		return nil, badInputf("%s: no points", c.Data)
	}
	if len(c.Image) == 2 {
		h, w := c.Image[0], c.Image[1]
		if features := p.x.Shape[1]; h > features || w > features || h*w != features {
			return nil, badInputf("--image %d,%d: points have %d features", h, w, features)
		}
		p.image = []int{1, h, w}
	}
	return p, nil
}

func (c *clusterCommand) open(ctx context.Context, in io.Reader) (*points, error) {
	if c.Data == "-" {
		return readPoints("standard input", in, c.labels())
	}
	if !isFile(c.Data) {
		return c.openSource(ctx)
	}
	return readFile(c.Data, c.labels())
}

// isFile tells a file from a name, or a folder of a known layout.
func isFile(path string) bool {
	stat, err := os.Stat(path)
	return err == nil && !stat.IsDir()
}

// readFile reads a file of examples without regard to labels; of a CSV it
// leaves out the first column of the given names that there is.
func readFile(path string, labels []string) (*points, error) {
	if ending(path) == ".csv" || ending(path) == ".npy" {
		return readPoints(path, nil, labels)
	}
	array, err := idx.Open(path)
	var malformed *idx.Error
	if errors.As(err, &malformed) && malformed.Offset == 0 {
		return nil, fmt.Errorf("%s: want a .csv or .npy file or IDX images", path)
	}
	if err != nil {
		return nil, err
	}
	x := make([]float32, len(array.Data))
	for i, b := range array.Data {
		x[i] = float32(b) / 255
	}
	return flatten(path, tensor.From(x, array.Shape...))
}

func (c *clusterCommand) openSource(ctx context.Context) (*points, error) {
	split := dataset.Train
	if c.Split == "test" {
		split = dataset.Test
	}
	source, err := dataset.Open(c.Data, split)
	if err != nil {
		return nil, err
	}
	if c.N > 0 {
		source = dataset.First(source, c.N)
	}
	info := source.Info()
	p := &points{x: tensor.New[float32](source.Len(), info.Size())}
	if drawable(info.Shape) {
		p.image = info.Shape
	}
	for i := range source.Len() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if _, err := source.Read(i, p.x.Row(i)); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// labels are the names that a column of labels may have, "" for none.
func (c *clusterCommand) labels() []string {
	if c.Label != "" {
		return []string{c.Label}
	}
	return anyLabel()
}

// anyLabel lists the names that a column of labels has in [dataset.Open], and
// "" for none.
func anyLabel() []string { return []string{"label", "class", "target", "y", ""} }

// readPoints reads CSV, from r or else from a file, or an NPY file. In a CSV
// the first column that is found of labels is left out.
func readPoints(name string, r io.Reader, labels []string) (*points, error) {
	if r == nil && ending(name) == ".npy" {
		array, err := npy.Open(name)
		if err != nil {
			return nil, err
		}
		return flatten(name, array.Float32())
	}
	text, err := readAll(name, r)
	if err != nil {
		return nil, err
	}
	for _, label := range labels {
		var table *csv.Table
		table, err = csv.Read(bytes.NewReader(text), name, csv.Options{Comma: ',', Label: label})
		if err == nil {
			return &points{x: table.X, columns: table.Columns}, nil
		}
		var e *csv.Error
		if !errors.As(err, &e) || !e.NoLabel {
			break
		}
	}
	return nil, err
}

func readAll(name string, r io.Reader) ([]byte, error) {
	if r == nil {
		return os.ReadFile(name)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return text, err
}

// flatten makes points of an array [points, …] of finite numbers; those of two
// or more further axes are pictures if their shape is one.
func flatten(name string, a *tensor.Tensor[float32]) (*points, error) {
	if len(a.Shape) < 2 {
		return nil, fmt.Errorf("%s: an array of shape %v: want [points, features] or [images, height, width]", name, a.Shape)
	}
	for i, v := range a.Data {
		if !finite(float64(v)) {
			return nil, fmt.Errorf("%s: element %v is %v: want a finite number", name, position(i, a.Shape), v)
		}
	}
	shape := slices.Clone(a.Shape[1:])
	if len(shape) == 2 {
		shape = append([]int{1}, shape...)
	}
	p := &points{x: a.Reshape(a.Shape[0], tensor.Size(shape))}
	if drawable(shape) {
		p.image = shape
	}
	return p, nil
}

// position is the index, from 0 along every axis, of element i of a shape.
func position(i int, shape []int) []int {
	at := make([]int, len(shape))
	for axis, n := range slices.Backward(shape) {
		at[axis], i = i%n, i/n
	}
	return at
}
