package modelfile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/gradus-ml/gradus/modelfile"
)

func write(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// contents returns the names and texts of a folder's files.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(text)
	}
	return all
}

func TestWriteFileIsAllOrNothing(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a.txt")
	for _, text := range []string{"first", "second"} {
		if err := modelfile.WriteFile(path, write(text)); err != nil {
			t.Fatal(err)
		}
		if got := contents(t, folder); len(got) != 1 || got["a.txt"] != text {
			t.Fatalf("got %q, want a.txt with %q alone", got, text)
		}
	}
	broken := errors.New("disk full")
	err := modelfile.WriteFile(path, func(w io.Writer) error {
		if err := write("third")(w); err != nil {
			return err
		}
		return broken
	})
	if got := contents(t, folder); !errors.Is(err, broken) || len(got) != 1 || got["a.txt"] != "second" {
		t.Fatalf("after %v: got %q, want a.txt as it was and nothing else", err, got)
	}
	if err := modelfile.WriteFile(filepath.Join(folder, "none", "a.txt"), write("x")); err == nil {
		t.Fatal("a folder that does not exist: accepted")
	}
}
