package main

import (
	"bytes"
	"context"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// wantStatus is the script command "status N gradus args…": it runs the
// command in this process, so paths start with $WORK, and fails unless it
// leaves with status N and, where N is not 0, one line of error.
func wantStatus(ts *testscript.TestScript, negated bool, args []string) {
	if negated || len(args) < 2 || args[1] != "gradus" {
		ts.Fatalf("usage: status N gradus args…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	var out, errs bytes.Buffer
	got := run(context.Background(), args[2:], &terminal{In: strings.NewReader(""), Out: &out, Err: &errs})
	ts.Logf("[stdout]\n%s[stderr]\n%s", out.String(), errs.String())
	if got != want {
		ts.Fatalf("status %d, want %d", got, want)
	}
	// on a slow machine lines of progress may stand before the error
	lines := strings.Split(strings.TrimSuffix(errs.String(), "\n"), "\n")
	for i, line := range lines {
		if last := i == len(lines)-1; want != 0 && strings.HasPrefix(line, "gradus: ") != last {
			ts.Fatalf("line %d of %d on the error stream is %q: want one line of error, at the end", i+1, len(lines), line)
		}
	}
}
