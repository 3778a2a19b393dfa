package csv

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/gradus-ml/gradus/tensor"
)

// Table is a file of examples, one a line.
type Table struct {
	Columns []string                // names of the features; nil where the file has none
	X       *tensor.Tensor[float32] // [lines, features]
	Labels  []int                   // indices into Classes; nil where there are none
	Classes []string
}

// Open reads a file, as [Read] does.
func Open(path string, o Options) (*Table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Read(f, path, o)
}

// Read reads a table from r up to its end. The name goes into errors. Contents
// that do not fit the options are an [*Error]; errors of r come back as they
// are.
func Read(r io.Reader, name string, o Options) (*Table, error) {
	p, err := newParser(r, name, o)
	if err != nil {
		return nil, err
	}
	for {
		if err := p.next(); errors.Is(err, io.EOF) {
			return p.table()
		} else if err != nil {
			return nil, err
		}
	}
}

type parser struct {
	file    string
	options Options
	r       *csv.Reader

	begun  bool // the first line has been read
	names  []string
	label  int // the column of the labels, −1 for none
	width  int // fields a line, 0 before the first
	values []float32
	labels []string
	seen   map[string]bool
}

func newParser(r io.Reader, name string, o Options) (*parser, error) {
	if o.Comma == '"' || o.Comma == '\r' || o.Comma == '\n' || o.Comma == 0 || o.Comma == '\ufeff' || o.Comma == '\ufffd' {
		return nil, fmt.Errorf("csv: comma %q: want a character that can separate fields", o.Comma)
	}
	p := &parser{file: name, options: o, r: csv.NewReader(r), seen: map[string]bool{}}
	p.r.Comma, p.r.ReuseRecord = o.Comma, true
	for _, c := range o.Classes {
		if p.seen[c] {
			return nil, fmt.Errorf("csv: class %q is named twice", c)
		}
		p.seen[c] = true
	}
	return p, nil
}

// next reads a line more; its error is io.EOF after the last.
func (p *parser) next() error {
	record, err := p.r.Read()
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	if err == nil {
		err = p.line(record, !p.begun)
		p.begun = true
	}
	if err != nil {
		return p.readError(err)
	}
	return nil
}

// readError turns an error of encoding/csv into one of ours.
func (p *parser) readError(err error) error {
	var parse *csv.ParseError
	var ours *Error
	switch {
	case errors.As(err, &ours):
		return err
	case errors.Is(err, csv.ErrFieldCount):
		line, _ := p.r.FieldPos(0)
		return &Error{File: p.file, Line: line, Got: "another number of fields", Want: fmt.Sprintf("%d, as in the first line", p.width)}
	case errors.As(err, &parse):
		return &Error{File: p.file, Line: parse.Line, Got: parse.Err.Error(), Want: "fields between quotes, or without quotes in them"}
	}
	return fmt.Errorf("%s: %w", p.file, err)
}

func (p *parser) errorAt(field int, got, want string) error {
	line, _ := p.r.FieldPos(field)
	e := &Error{File: p.file, Line: line, Column: field + 1, Got: got, Want: want}
	if p.names != nil {
		e.Name = p.names[field]
	}
	return e
}

func (p *parser) line(record []string, first bool) error {
	if first {
		p.width = len(record)
		record[0] = strings.TrimPrefix(record[0], "\ufeff") // spreadsheets begin UTF-8 so
		header := p.options.Header == HasHeader || p.options.Header == DetectHeader && !slices.ContainsFunc(record, isNumber)
		if header {
			p.names = slices.Clone(record)
		}
		var err error
		if p.label, err = p.options.labelColumn(p.names, p.width); err != nil {
			return &Error{File: p.file, Line: 1, NoLabel: true, Got: err.Error(), Want: fmt.Sprintf("one column %q for the labels", p.options.Label)}
		}
		if p.label >= 0 && p.width == 1 {
			return &Error{File: p.file, Line: 1, Got: "labels only", Want: "at least one column of features"}
		}
		if header {
			return nil
		}
	}
	for i, text := range record {
		text = strings.TrimSpace(text)
		if i == p.label {
			if p.options.Classes == nil {
				p.seen[text] = true
			} else if !p.seen[text] {
				return p.errorAt(i, fmt.Sprintf("label %q", text), fmt.Sprintf("one of %q", p.options.Classes))
			}
			if text == "" {
				return p.errorAt(i, "no label", "a label in each line")
			}
			p.labels = append(p.labels, text)
			continue
		}
		v, err := strconv.ParseFloat(text, 32)
		if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
			return p.errorAt(i, strconv.Quote(text), "a finite number")
		}
		p.values = append(p.values, float32(v))
	}
	return nil
}

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return err == nil
}

func (p *parser) table() (*Table, error) {
	features := p.width
	t := &Table{Columns: p.names}
	if p.label >= 0 && p.width > 0 {
		features--
		if p.names != nil {
			t.Columns = slices.Delete(p.names, p.label, p.label+1)
		}
		if t.Classes = p.options.Classes; t.Classes == nil {
			t.Classes = classOrder(p.seen)
		}
		t.Labels = make([]int, len(p.labels))
		index := map[string]int{}
		for k, c := range t.Classes {
			index[c] = k
		}
		for i, text := range p.labels {
			t.Labels[i] = index[text]
		}
	}
	if len(p.values) == 0 {
		return nil, &Error{File: p.file, Line: 1, Got: "no examples", Want: "at least one line of numbers"}
	}
	t.X = tensor.From(p.values, len(p.values)/features, features)
	return t, nil
}
