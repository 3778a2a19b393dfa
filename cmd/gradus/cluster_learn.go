package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/gradus-ml/gradus/dataset/csv"
	"github.com/gradus-ml/gradus/kmeans"
	"github.com/gradus-ml/gradus/tensor"
)

// open begins to read the input. Of the names that a column of labels may have
// it takes the first that the first line has.
func (s *clusterStream) open(ctx context.Context, in io.Reader) (*csv.Scanner, error) {
	const name = "standard input"
	buffered := bufio.NewReader(in)
	type line struct {
		text []byte
		err  error
	}
	read := make(chan line, 1)
	go func() {
		text, err := buffered.ReadBytes('\n')
		read <- line{text, err}
	}()
	var first line
	select {
	case first = <-read:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if first.err != nil && !errors.Is(first.err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", name, first.err)
	}
	options := csv.Options{Comma: ','}
	for _, options.Label = range s.flags.labels() {
		_, err := csv.NewScanner(bytes.NewReader(first.text), name, options)
		var e *csv.Error
		if !errors.As(err, &e) || !e.NoLabel {
			break
		}
	}
	scanner, err := csv.NewScanner(io.MultiReader(bytes.NewReader(first.text), buffered), name, options)
	if err != nil {
		return nil, badInput(err)
	}
	if s.state.Learner != nil && !slices.Equal(scanner.Columns(), s.state.Columns) {
		return nil, badInputf("%s: columns %q: those of --state %s are %q", name, scanner.Columns(), s.flags.State, s.state.Columns)
	}
	s.state.Columns = scanner.Columns()
	return scanner, nil
}

// learn presents rows; the first ones choose where the centres start.
func (s *clusterStream) learn(ctx context.Context, x *tensor.Tensor[float32]) error {
	o := s.state.Learner
	if o == nil {
		var err error
		if o, err = s.begin(ctx, x); err != nil {
			return err
		}
		s.state.Learner = o
	}
	if got, want := x.Shape[1], o.Centers.Shape[1]; got != want {
		return fmt.Errorf("standard input: points of %d features: the centres have %d", got, want)
	}
	labels := make([]int, x.Shape[0])
	before := o.Steps
	err := o.Learn(context.WithoutCancel(ctx), x, labels) // a chunk takes no time, and is learnt whole
	if s.labels != nil {
		for i, label := range labels[:o.Steps-before] {
			s.labels.Write([]string{strconv.Itoa(before + i), strconv.Itoa(label)})
		}
	}
	return err
}

func (s *clusterStream) begin(ctx context.Context, x *tensor.Tensor[float32]) (*kmeans.Online[float32], error) {
	c := s.flags
	p := &points{x: x}
	start, err := c.openStart(p)
	if err != nil {
		return nil, err
	}
	job := &clustering{flags: c, points: p, rate: s.rate, given: start}
	centres, _, err := job.start(ctx, 0)
	if err != nil {
		return nil, err
	}
	create := kmeans.NewOnline[float32]
	if s.rate.Kind == kmeans.Constant {
		create = kmeans.NewTracker[float32]
	}
	o, err := create(centres, s.rate)
	if err == nil {
		o.Watch = kmeans.NewWatch(o, 0)
	}
	return o, err
}

// inertia is the scatter of the points that each centre won about their mean.
func (s *clusterStream) inertia() float64 { return s.state.Learner.Watch.Examples.Within() }

// result is the stream as what any clustering finds.
func (s *clusterStream) result(seconds float64) *clustering {
	o := s.state.Learner
	p := &points{columns: s.state.Columns, seen: o.Steps}
	if len(s.flags.Image) == 2 {
		p.image = []int{1, s.flags.Image[0], s.flags.Image[1]}
	}
	best := &clusters{centres: o.Centers, counts: o.Watch.Examples.Counts, cost: o.Cost}
	best.Inertia = s.inertia()
	return &clustering{flags: s.flags, points: p, rate: s.rate, best: best, scatter: o.Watch.Examples.Total(), seconds: seconds}
}
