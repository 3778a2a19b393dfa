package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFetchRefusesWrongFiles asks a mirror that sends the wrong bytes, in a
// context that ends before the public mirrors are asked.
func TestFetchRefusesWrongFiles(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	served := 0
	mirror := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("not a digit"))
		served++
		cancel()
	}))
	defer mirror.Close()
	dir := filepath.Join(t.TempDir(), "mnist")
	var out, errs bytes.Buffer
	status := run(ctx, []string{"data", "fetch", "mnist", "--dir", dir, "--mirror", mirror.URL}, &terminal{Out: &out, Err: &errs})
	if status == exitDone || served == 0 {
		t.Fatalf("status %d after %d answers, want a failure after one", status, served)
	}
	if lines := strings.Count(errs.String(), "gradus: "); lines != 1 {
		t.Errorf("%d lines of error, want 1: %s", lines, errs.String())
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("%s was left behind", e.Name())
	}
}
