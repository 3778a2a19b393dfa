package main

import (
	"bytes"
	"context"
	stdcsv "encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/alecthomas/kong"

	"github.com/gradus-ml/gradus/kmeans"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/tensor"
)

// clusterState is all that a stream leaves behind: it can go on from there.
type clusterState struct {
	Columns []string                // names of the features, nil for none
	Learner *kmeans.Online[float32] // its Watch counts the scatter of the clusters
}

// clusterStream is a stream that is being clustered.
type clusterStream struct {
	flags   *clusterCommand
	rate    kmeans.Rate
	state   clusterState
	resumed int // points that the state had seen before
	labels  *stdcsv.Writer
	saved   time.Time
}

// Limits of a stream: rows learnt together, rows kept to choose the first
// centres from, and the time between two states on disk.
const (
	clusterChunk = 1024
	clusterSeeds = 20 // for each centre
	clusterSave  = 10 * time.Second
)

// checkStream refuses what a stream has not: an end to draw, an order to
// shuffle, a second start.
func (c *clusterCommand) checkStream(parsed *kong.Context) error {
	if !c.Stream {
		if c.State != "" {
			return badInputf("--state: only --stream leaves one")
		}
		return nil
	}
	heeded := []string{"stream", "state", "k", "seeding", "start", "rate", "seed", "label", "image", "centres", "assignments", "pictures", "report", "json"}
	for _, p := range parsed.Path {
		if p.Flag != nil && !slices.Contains(heeded, p.Flag.Name) {
			return badInputf("--%s with --stream: a stream is learnt online, in its own order, once", p.Flag.Name)
		}
	}
	if c.Data != "-" {
		return badInputf("--stream: want - for the data: a stream is read from standard input")
	}
	c.Algorithm = "online"
	return checkOutput("--state", c.State)
}

// runStream learns from standard input until it ends or is interrupted.
func (c *clusterCommand) runStream(ctx context.Context, term *terminal, rate kmeans.Rate) error {
	s := &clusterStream{flags: c, rate: rate, saved: time.Now()}
	if err := s.restore(); err != nil {
		return err
	}
	begun := time.Now()
	learn := func(w io.Writer) error {
		if w != nil {
			s.labels = stdcsv.NewWriter(w)
			s.labels.Write([]string{"point", "centre"})
			defer s.labels.Flush()
		}
		return s.learnAll(ctx, term)
	}
	var err error
	if c.Assignments == "" {
		err = learn(nil)
	} else {
		var stopped error // what was assigned is kept all the same
		err = modelfile.WriteFile(c.Assignments, func(w io.Writer) error {
			stopped = learn(w)
			return s.labels.Error()
		})
		err = errors.Join(stopped, err)
	}
	if s.state.Learner == nil {
		return err
	}
	if kept := s.save(); kept != nil {
		return errors.Join(err, kept)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	done := s.result(time.Since(begun).Seconds())
	if reported := c.report(term, done); reported != nil {
		return reported
	}
	if err != nil && c.State != "" {
		return stoppedError{fmt.Sprintf("stopped after %d points; the same command with --state %s goes on", s.state.Learner.Steps, shellWord(c.State))}
	}
	return err
}

// restore reads the state that an earlier run left, if there is one.
func (s *clusterStream) restore() error {
	c := s.flags
	if c.State == "" {
		return nil
	}
	text, err := os.ReadFile(c.State)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return badInput(err)
	}
	decode := json.NewDecoder(bytes.NewReader(text))
	decode.DisallowUnknownFields()
	if err := decode.Decode(&s.state); err != nil {
		return badInput(fmt.Errorf("--state %s: %w: want what --stream wrote", c.State, err))
	}
	o := s.state.Learner
	if o == nil || o.Watch == nil {
		return badInputf("--state %s: no centres: want what --stream wrote", c.State)
	}
	if err := o.Validate(); err != nil {
		return badInput(fmt.Errorf("--state %s: %w", c.State, err))
	}
	if k := o.Centers.Shape[0]; c.Start != "" || k != c.K || o.Rate != s.rate {
		return badInputf("--state %s: holds %d centres at another rate or start: give -k %d and the --rate and no --start that it began with", c.State, k, k)
	}
	s.resumed = o.Steps
	return nil
}

// save writes the state, all or nothing.
func (s *clusterStream) save() error {
	s.saved = time.Now()
	if s.flags.State == "" {
		return nil
	}
	return writeJSON(s.flags.State, s.state)
}

// clusterRow is a row of the input, or the error that ends it.
type clusterRow struct {
	features []float32
	err      error
}

// learnAll reads rows as they come and learns those that are there together,
// which has the bits of one by one.
func (s *clusterStream) learnAll(ctx context.Context, term *terminal) error {
	rows := make(chan clusterRow, clusterChunk)
	scanner, err := s.open(ctx, term.In)
	if err != nil {
		return err
	}
	go func() {
		defer close(rows)
		for {
			features, _, err := scanner.Next()
			row := clusterRow{slices.Clone(features), err}
			select {
			case rows <- row:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	said := time.Now()
	var chunk []float32
	for more := true; more; {
		var n int
		var failed error
		chunk, n, failed = s.gather(ctx, rows, chunk[:0])
		more = failed == nil
		broken := failed != nil && !errors.Is(failed, io.EOF)
		few := s.state.Learner == nil && s.flags.Start == "" && n < s.flags.K
		if n > 0 && !(broken && few) { // what broke the input says more than that they are few
			if err := s.learn(ctx, tensor.From(chunk, n, len(chunk)/n)); err != nil {
				return badInput(err)
			}
		}
		if broken {
			return badInput(failed)
		}
		if o := s.state.Learner; o != nil && time.Since(said) > clusterSave {
			said = time.Now()
			fmt.Fprintf(term.Err, "%d points, inertia %.6g a point\n", o.Steps, s.inertia()/float64(o.Steps))
		}
		if time.Since(s.saved) > clusterSave {
			if err := s.save(); err != nil {
				return err
			}
		}
	}
	if s.state.Learner == nil {
		return badInputf("standard input: fewer than %d points: want at least one for each centre", s.flags.K)
	}
	return nil
}

// gather returns the rows that are there, at least one; before the first
// centres are chosen, as many as that takes. The error is what ended the input.
func (s *clusterStream) gather(ctx context.Context, rows <-chan clusterRow, chunk []float32) ([]float32, int, error) {
	least, most := 1, clusterChunk
	if s.state.Learner == nil && s.flags.Start == "" {
		least = clusterSeeds * s.flags.K
		most = least // not what happens to be there, or the centres would depend on it
	}
	for n := 0; ; {
		var row clusterRow
		var ok bool
		if n < least {
			select {
			case row, ok = <-rows:
			case <-ctx.Done():
				return chunk, 0, ctx.Err()
			}
		} else {
			select {
			case row, ok = <-rows:
			default:
				return chunk, n, nil
			}
		}
		if !ok {
			return chunk, n, errors.Join(ctx.Err(), io.EOF)
		}
		if row.err != nil {
			return chunk, n, row.err
		}
		chunk = append(chunk, row.features...)
		if n++; n == most {
			return chunk, n, nil
		}
	}
}
