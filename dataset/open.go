package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gradus-ml/gradus/dataset/csv"
)

// NoSplitError says that a path holds examples but not this part of a data
// set. A single file is one undivided set: Open gives it as Train, refuses it
// as Test, and [HoldOut] divides it.
type NoSplitError struct {
	Path  string
	Split Split
}

// Error names the path and the missing part.
func (e *NoSplitError) Error() string {
	return fmt.Sprintf("%s: a single file has no %s split: want a folder with both, or a part held out of it", e.Path, e.Split)
}

// Open opens real data: part of a folder, a whole file, or a name of [Known].
//
//   - A folder in the layout of MNIST: train-images-idx3-ubyte with
//     train-labels-idx1-ubyte and t10k-… (or test-…) with the same endings,
//     each also with ".gz", and with a dot for the dash before idx. If
//     classes.txt lies beside them, its lines are the names of the classes.
//   - A folder with train.csv and test.csv.
//   - A file of images of that layout, with its labels beside it.
//   - A CSV file. Its column of labels is called label, class, target or y.
//
// Every label is checked against the classes. Where files are missing the
// error lists those that were looked for and satisfies
// errors.Is(err, [fs.ErrNotExist]).
func Open(path string, split Split) (Source, error) {
	if split != Train && split != Test {
		return nil, fmt.Errorf("%s: %v: want train or test", path, split)
	}
	if path == glyphsName { // needs no files, so none can be meant
		return openKnown(path, split)
	}
	stat, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && isKnown(path):
		return openKnown(path, split)
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%q: want a folder, a file or one of the names %s: %w", path, knownNames(), fs.ErrNotExist)
	case err != nil:
		return nil, err
	case stat.IsDir():
		return openFolder(path, split)
	case split == Test:
		return nil, &NoSplitError{path, split}
	case strings.EqualFold(filepath.Ext(path), ".csv"):
		return openCSV(path, nil)
	}
	return openImageFile(path)
}

func openFolder(dir string, split Split) (Source, error) {
	pair, looked := findPair(dir, split)
	if pair != nil {
		return openPair(dir, split, *pair)
	}
	table := filepath.Join(dir, split.String()+".csv")
	if _, err := os.Stat(table); err == nil {
		return openTable(dir, split)
	}
	return nil, fmt.Errorf("%s: no %s split: want images and labels (%s) or %s.csv: %w", dir, split, strings.Join(looked, ", "), split, fs.ErrNotExist)
}

// openTable opens one CSV file of a folder with the classes that the training
// file has, so that labels mean the same in both.
func openTable(dir string, split Split) (Source, error) {
	source, err := openCSV(filepath.Join(dir, Train.String()+".csv"), nil)
	if split == Train || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return source, err
	}
	var classes []string
	if err == nil {
		classes = source.Info().Classes
	}
	return openCSV(filepath.Join(dir, split.String()+".csv"), classes)
}

func openCSV(path string, classes []string) (Source, error) {
	var first error
	for _, label := range []string{"label", "class", "target", "y"} {
		table, err := csv.Open(path, csv.Options{Comma: ',', Label: label, Classes: classes})
		if err == nil {
			return NewTable(path, table)
		}
		var e *csv.Error
		if !errors.As(err, &e) || !e.NoLabel {
			return nil, err
		}
		if first == nil {
			first = err
		}
	}
	return nil, fmt.Errorf("%w, class, target or y", first)
}

// NewTable returns the examples of a table that dataset/csv read, for files
// whose options [Open] does not guess.
func NewTable(name string, t *csv.Table) (Source, error) {
	return NewMemory(name, t.X, t.Labels, t.Classes)
}
