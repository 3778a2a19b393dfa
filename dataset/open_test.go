package dataset_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/dataset/idx"
)

func create(t *testing.T, path string, data []byte, shape ...int) {
	t.Helper()
	if err := idx.Create(path, &idx.Array{Shape: shape, Data: data}); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// wants opens a path and fails the test unless the error has all the parts.
func wants(t *testing.T, path string, split dataset.Split, parts ...string) error {
	t.Helper()
	_, err := dataset.Open(path, split)
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("got %v: want %q in it", err, part)
		}
	}
	return err
}

func TestOpenFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tiny")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	err := wants(t, dir, dataset.Train, "train-images-idx3-ubyte, train-labels-idx1-ubyte, train-images-idx3-ubyte.gz", "train.csv")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	create(t, filepath.Join(dir, "train-images.idx3-ubyte.gz"), []byte{0, 51, 255, 0, 0, 0, 1, 2, 3, 4, 5, 6}, 2, 2, 3)
	wants(t, dir, dataset.Train, "want images and labels")
	create(t, filepath.Join(dir, "train-labels.idx1-ubyte"), []byte{1, 0}, 2)
	create(t, filepath.Join(dir, "test-images-idx3-ubyte"), []byte{9, 9, 9, 9, 9, 9}, 1, 2, 3)
	create(t, filepath.Join(dir, "test-labels-idx1-ubyte"), []byte{2}, 1)

	s, err := dataset.Open(dir, dataset.Train)
	if err != nil {
		t.Fatal(err)
	}
	// The test labels make it three classes.
	if diff := cmp.Diff(dataset.Info{Name: "tiny train", Shape: []int{1, 2, 3}, Classes: []string{"0", "1", "2"}}, s.Info()); diff != "" {
		t.Error(diff)
	}
	x := make([]float32, 6)
	label, err := s.Read(0, x)
	if diff := cmp.Diff([]float32{0, 0.2, 1, 0, 0, 0}, x); diff != "" || label != 1 || err != nil {
		t.Error(diff, label, err)
	}
	if s, err = dataset.Open(dir, dataset.Test); err != nil || s.Len() != 1 {
		t.Fatalf("test: %v", err)
	}

	write(t, filepath.Join(dir, "classes.txt"), "cat\ndog\nant\n")
	if s, err = dataset.Open(dir, dataset.Test); err != nil || s.Info().Classes[2] != "ant" {
		t.Errorf("named: %v", err)
	}
	write(t, filepath.Join(dir, "classes.txt"), "cat\ndog\n")
	wants(t, dir, dataset.Test, "test-labels-idx1-ubyte: example 0: label 2: want one of 2 classes")
	write(t, filepath.Join(dir, "classes.txt"), "cat\n\ndog\n")
	wants(t, dir, dataset.Train, "classes.txt: line 2")
	os.Remove(filepath.Join(dir, "classes.txt"))

	create(t, filepath.Join(dir, "train-labels.idx1-ubyte"), []byte{1}, 1)
	wants(t, dir, dataset.Train, "one label for each image")
	write(t, filepath.Join(dir, "train-labels.idx1-ubyte"), "junk")
	wants(t, dir, dataset.Train, "train-labels.idx1-ubyte: malformed IDX at byte 0")
}

func TestOpenFile(t *testing.T) {
	dir := t.TempDir()
	images := filepath.Join(dir, "my-images-idx3-ubyte")
	create(t, images, []byte{255}, 1, 1, 1)
	wants(t, images, dataset.Train, "no labels: want a file of the same name")
	write(t, filepath.Join(dir, "notes.txt"), "words")
	wants(t, filepath.Join(dir, "notes.txt"), dataset.Train, "want a .csv file, or IDX images")
	wants(t, filepath.Join(dir, "nowhere"), dataset.Train, "one of the names glyphs, mnist")
	create(t, filepath.Join(dir, "my-labels-idx1-ubyte.gz"), []byte{0}, 1)
	if s, err := dataset.Open(images, dataset.Train); err != nil || s.Len() != 1 {
		t.Errorf("got %v", err)
	}
	var e *dataset.NoSplitError
	if _, err := dataset.Open(images, dataset.Test); !errors.As(err, &e) || e.Split != dataset.Test {
		t.Errorf("got %v", err)
	}
	wants(t, images, dataset.Split(7), "want train or test")
	if err := wants(t, filepath.Join(dir, "nothing"), dataset.Train, "nothing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestOpenCSV(t *testing.T) {
	dir := t.TempDir()
	train, test := filepath.Join(dir, "train.csv"), filepath.Join(dir, "test.csv")
	write(t, train, "a,class\n1,x\n2,y\n")
	write(t, test, "a,class\n3,y\n")
	for _, path := range []string{dir, train} {
		s, err := dataset.Open(path, dataset.Train)
		if err != nil || s.Len() != 2 || s.Info().Size() != 1 {
			t.Fatalf("%s: %v", path, err)
		}
	}
	s, err := dataset.Open(dir, dataset.Test)
	if err != nil {
		t.Fatal(err)
	}
	if label, err := s.Read(0, make([]float32, 1)); label != 1 || err != nil {
		t.Errorf("got label %d, %v: want that of the training file", label, err)
	}
	write(t, test, "a,class\n3,z\n")
	wants(t, dir, dataset.Test, `test.csv: line 2, column 2 (class): got label "z"`)
	write(t, train, "a,b\n1,x\n")
	wants(t, train, dataset.Train, `columns ["a" "b"]`, "label", "class, target or y")
}

func TestKnown(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir()) // where Linux keeps caches
	t.Setenv("HOME", t.TempDir())
	names := map[string]bool{}
	for _, e := range dataset.Known() {
		names[e.Name] = e.Download
	}
	if diff := cmp.Diff(map[string]bool{"glyphs": false, "mnist": true, "fashion-mnist": true}, names); diff != "" {
		t.Error(diff)
	}
	if err := wants(t, "mnist", dataset.Train, "fetch it first"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	var labels [2][]int
	for _, split := range []dataset.Split{dataset.Train, dataset.Test} {
		s, err := dataset.Open("glyphs", split)
		if err != nil {
			t.Fatal(err)
		}
		if labels[split], err = dataset.Labels(dataset.First(s, 100)); err != nil {
			t.Fatal(err)
		}
	}
	if cmp.Equal(labels[0], labels[1]) {
		t.Error("the splits of glyphs are the same")
	}
}
