package csv

import (
	"errors"
	"io"
)

// Scanner reads a table line by line, for tables that do not end or that memory
// does not hold.
type Scanner struct{ p *parser }

// NewScanner reads the first line of r, which may name the columns. Its errors,
// and what the options mean, are those of [Read]; classes are those of the
// options, and any label will do where they give none.
func NewScanner(r io.Reader, name string, o Options) (*Scanner, error) {
	p, err := newParser(r, name, o)
	if err != nil {
		return nil, err
	}
	if err := p.next(); errors.Is(err, io.EOF) {
		return nil, &Error{File: name, Line: 1, Got: "no examples", Want: "at least one line of numbers"}
	} else if err != nil {
		return nil, err
	}
	return &Scanner{p}, nil
}

// Columns returns the names of the features, nil where the table has none.
func (s *Scanner) Columns() []string {
	if s.p.names == nil {
		return nil
	}
	columns := make([]string, 0, len(s.p.names))
	for i, name := range s.p.names {
		if i != s.p.label {
			columns = append(columns, name)
		}
	}
	return columns
}

// Next returns the features and the label, if any, of the next line. The
// features are valid until the next call. After the last line the error is
// [io.EOF].
func (s *Scanner) Next() (features []float32, label string, err error) {
	p := s.p
	for len(p.values) == 0 { // after the first line, unless it was one of names
		if err := p.next(); err != nil {
			return nil, "", err
		}
	}
	if len(p.labels) > 0 {
		label = p.labels[0]
	}
	features, p.values, p.labels = p.values, p.values[:0], p.labels[:0]
	if p.options.Classes == nil {
		clear(p.seen) // which would grow without end
	}
	return features, label, nil
}
