package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/gradus-ml/gradus/dataset"
)

// silence is how long a command works before it says at what.
const silence = 2 * time.Second

// working tells on the error stream what takes longer than silence, and how
// far it is, until done is called: one line that changes on a terminal, a line
// every ten seconds elsewhere.
func (t *terminal) working(what func() string) (done func()) {
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(silence)
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-stop:
				if n > 0 && t.interactive() {
					fmt.Fprint(t.Err, "\r\x1b[K")
				}
				return
			case <-tick.C:
			}
			switch {
			case t.interactive():
				fmt.Fprintf(t.Err, "\r\x1b[K%s", what())
			case n%5 == 0:
				fmt.Fprintln(t.Err, what())
			}
		}
	}()
	return func() { close(stop); <-ended }
}

// counted counts the examples that are read of a source.
type counted struct {
	dataset.Source
	read atomic.Int64
}

// Read counts and passes on.
func (c *counted) Read(i int, x []float32) (int, error) {
	c.read.Add(1)
	return c.Source.Read(i, x)
}

// watch returns source as one whose reading is told of until done is called.
func (t *terminal) watch(source dataset.Source) (watched dataset.Source, done func()) {
	c := &counted{Source: source}
	return c, t.working(func() string {
		return fmt.Sprintf("%s: %d of %d examples", source.Info().Name, c.read.Load(), source.Len())
	})
}

// interruptible runs what takes no context, and leaves it behind when ctx ends:
// only for work whose results nobody has seen yet.
func interruptible(ctx context.Context, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
