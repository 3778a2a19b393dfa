package fetch

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Client downloads. Its fields are all there is to it.
type Client struct {
	HTTP   *http.Client  // its CheckRedirect is replaced
	Stall  time.Duration // a mirror that sends nothing for so long is given up
	Rounds int           // how often the list of mirrors is gone through

	// Redirects is how many a mirror may send us on.
	Redirects int

	// Progress, where it is not nil, is called as bytes arrive, from one
	// goroutine. Done goes back when another mirror starts over.
	Progress func(Progress)
}

// Progress says how far one file has come.
type Progress struct {
	File        string
	Done, Total int64 // bytes
}

// Default returns a client for the web: 20 seconds without a byte are a
// stall, and the mirrors are tried twice.
func Default() *Client {
	return &Client{HTTP: &http.Client{}, Stall: 20 * time.Second, Rounds: 2, Redirects: 5}
}

// Error says which file could not be had, and what each attempt met.
type Error struct {
	File     string
	Attempts []error
}

// Error lists the attempts, a line each.
func (e *Error) Error() string {
	lines := make([]string, len(e.Attempts))
	for i, a := range e.Attempts {
		lines[i] = a.Error()
	}
	return fmt.Sprintf("%s: no mirror has it:\n\t%s", e.File, strings.Join(lines, "\n\t"))
}

// Unwrap returns the attempts.
func (e *Error) Unwrap() []error { return e.Attempts }

// Fetch brings the files of a set to dir, which it makes. Files that are there
// and right are kept. Whatever happens, a file of a set's name in dir is
// either as it was before or right. When ctx ends so does Fetch, with its
// error; when no mirror has a file that is an [*Error].
func (c *Client) Fetch(ctx context.Context, set Set, dir string) error {
	if c.Stall <= 0 || c.Rounds < 1 || c.Redirects < 0 || c.HTTP == nil {
		return fmt.Errorf("fetch.Client: stall %v, rounds %d, redirects %d: want a client, a time, at least one round, and no negative number", c.Stall, c.Rounds, c.Redirects)
	}
	if len(set.Mirrors) == 0 {
		return fmt.Errorf("%s: no mirrors", set.Name)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, f := range set.Files {
		if f.Name != filepath.Base(f.Name) {
			return fmt.Errorf("%s: file %q: want a name without folders", set.Name, f.Name)
		}
		if right(filepath.Join(dir, f.Name), f) {
			c.report(f, f.Size)
			continue
		}
		if err := c.file(ctx, set.Mirrors, f, dir); err != nil {
			return err
		}
	}
	if set.Classes != nil {
		return os.WriteFile(filepath.Join(dir, "classes.txt"), []byte(strings.Join(set.Classes, "\n")+"\n"), 0o644)
	}
	return nil
}

// file tries the mirrors in turn.
func (c *Client) file(ctx context.Context, mirrors []string, f File, dir string) error {
	failed := &Error{File: f.Name}
	for range c.Rounds {
		for _, mirror := range mirrors {
			err := c.download(ctx, mirror+f.Name, f, dir)
			if err == nil {
				return nil
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			failed.Attempts = append(failed.Attempts, err)
		}
	}
	return failed
}

func (c *Client) report(f File, done int64) {
	if c.Progress != nil {
		c.Progress(Progress{f.Name, done, f.Size})
	}
}
