package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/tour"
)

// What a chapter suggests to go on with is a command that exists.
func TestChaptersSuggestCommands(t *testing.T) {
	chapters, err := tour.Chapters("")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range chapters {
		var errs bytes.Buffer
		command := strings.Fields(c.Try)[1]
		if status := run(t.Context(), []string{command, "--help"}, &terminal{Out: io.Discard, Err: &errs}); status != exitDone {
			t.Errorf("%s suggests %q: %s", c.Slug, c.Try, errs.String())
		}
	}
}
