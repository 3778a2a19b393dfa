package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gradus-ml/gradus/dataset/fetch"
	"github.com/gradus-ml/gradus/dataset/glyphs"
)

// Entry is a data set that [Open] knows by name.
type Entry struct {
	Name, Description string
	Download          bool // it must be fetched before it is opened
}

// The examples of the name "glyphs".
const (
	glyphsName  = "glyphs"
	glyphsTrain = 30000
	glyphsTest  = 10000
)

// Known lists the data sets that [Open] knows by name.
func Known() []Entry {
	entries := []Entry{{glyphsName, fmt.Sprintf("digits drawn from the Go fonts, 28 × 28, 10 classes, %d + %d; no download", glyphsTrain, glyphsTest), false}}
	for _, set := range fetch.Sets() {
		entries = append(entries, Entry{set.Name, set.Description, true})
	}
	return entries
}

// knownNames lists the names for an error.
func knownNames() string {
	var names []string
	for _, e := range Known() {
		names = append(names, e.Name)
	}
	return strings.Join(names, ", ")
}

func isKnown(name string) bool {
	return slices.ContainsFunc(Known(), func(e Entry) bool { return e.Name == name })
}

func openKnown(name string, split Split) (Source, error) {
	if name == glyphsName {
		o, n := glyphs.Default(), glyphsTrain
		if split == Test {
			o.Seed, n = o.Seed+1, glyphsTest
		}
		g, err := glyphs.New(o)
		if err != nil {
			return nil, err
		}
		return NewGlyphs(g, n)
	}
	dir, err := fetch.Folder(name)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: nothing at %s: fetch it first, or give the folder it lies in: %w", name, filepath.Clean(dir), fs.ErrNotExist)
	}
	return openFolder(dir, split)
}
