package dataset

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gradus-ml/gradus/dataset/idx"
)

// pair is a file of images and the file of its labels.
type pair struct{ images, labels string }

// classesFile names the classes of the pairs beside it, a line each.
const classesFile = "classes.txt"

// pairNames lists the file names that a split may have, the usual first.
func pairNames(split Split) []pair {
	prefixes := map[Split][]string{Train: {"train"}, Test: {"t10k", "test"}}[split]
	var names []pair
	for _, prefix := range prefixes {
		for _, dash := range []string{"-", "."} {
			for _, end := range []string{"", ".gz"} {
				names = append(names, pair{prefix + "-images" + dash + "idx3-ubyte" + end, prefix + "-labels" + dash + "idx1-ubyte" + end})
			}
		}
	}
	return names
}

// findPair returns the first pair of a split that lies in dir, or nil and the
// names that were looked for. Images may be compressed and labels not.
func findPair(dir string, split Split) (found *pair, looked []string) {
	for _, names := range pairNames(split) {
		looked = append(looked, names.images, names.labels)
		images := filepath.Join(dir, names.images)
		if labels := labelsOf(images); exists(images) && labels != "" {
			return &pair{images, labels}, nil
		}
	}
	return nil, looked
}

// labelsOf returns the file of labels beside a file of images, "" if there is
// none.
func labelsOf(images string) string {
	dir, name := filepath.Split(images)
	name = strings.TrimSuffix(name, ".gz")
	name = strings.Replace(strings.Replace(name, "images", "labels", 1), "idx3", "idx1", 1)
	for _, end := range []string{"", ".gz"} {
		if path := filepath.Join(dir, name+end); path != images && exists(path) {
			return path
		}
	}
	return ""
}

func exists(path string) bool {
	stat, err := os.Stat(path)
	return err == nil && !stat.IsDir()
}

func openImageFile(path string) (Source, error) {
	name := strings.TrimSuffix(filepath.Base(path), ".gz")
	labels := labelsOf(path)
	if !strings.Contains(name, "images") {
		return nil, fmt.Errorf("%s: want a .csv file, or IDX images named …-images-idx3-ubyte with labels beside them named …-labels-idx1-ubyte, each also with .gz", path)
	}
	if labels == "" {
		return nil, fmt.Errorf("%s: no labels: want a file of the same name beside it with labels-idx1 for images-idx3, also with .gz: %w", path, fs.ErrNotExist)
	}
	return readPair(path, pair{path, labels}, filepath.Dir(path), nil)
}

// openPair opens one split of a folder. Without a file of names the classes
// are numbers, up to the largest label of either split.
func openPair(dir string, split Split, p pair) (Source, error) {
	var others []string
	for _, s := range []Split{Train, Test} {
		if other, _ := findPair(dir, s); other != nil && s != split {
			others = append(others, other.labels)
		}
	}
	return readPair(filepath.Base(filepath.Clean(dir))+" "+split.String(), p, dir, others)
}

func readPair(name string, p pair, dir string, otherLabels []string) (Source, error) {
	labels, err := idx.Open(p.labels)
	if err != nil {
		return nil, err
	}
	classes, err := readClasses(filepath.Join(dir, classesFile))
	if errors.Is(err, fs.ErrNotExist) {
		most := slices.Max(append([]byte{0}, labels.Data...))
		for _, path := range otherLabels {
			other, err := idx.Open(path)
			if err != nil {
				return nil, err
			}
			most = slices.Max(append([]byte{most}, other.Data...))
		}
		for k := range int(most) + 1 {
			classes = append(classes, strconv.Itoa(k))
		}
	} else if err != nil {
		return nil, err
	}
	images, err := idx.Open(p.images)
	if err != nil {
		return nil, err
	}
	source, err := NewBytes(name, images, labels, classes)
	var example *ExampleError
	if errors.As(err, &example) {
		example.Source = p.labels
	}
	if err != nil {
		return nil, err
	}
	return source, nil
}

// readClasses reads names, one a line, all different.
func readClasses(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var classes []string
	for lines := bufio.NewScanner(f); ; {
		if !lines.Scan() {
			if err := lines.Err(); err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			if len(classes) == 0 {
				return nil, fmt.Errorf("%s: got no names: want one a line", path)
			}
			return classes, nil
		}
		name := strings.TrimSpace(lines.Text())
		if name == "" || slices.Contains(classes, name) {
			return nil, fmt.Errorf("%s: line %d: got %q: want a name, each once", path, len(classes)+1, name)
		}
		classes = append(classes, name)
	}
}
