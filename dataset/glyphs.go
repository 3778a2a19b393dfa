package dataset

import (
	"fmt"

	"github.com/gradus-ml/gradus/dataset/glyphs"
)

// Glyphs is a source of pictures that a [glyphs.Generator] draws when they are
// read. It takes no memory and no reading ahead of time, and its distribution
// is known.
type Glyphs struct {
	Generator *glyphs.Generator
	length    int
}

// NewGlyphs returns the source of the first n examples of g.
func NewGlyphs(g *glyphs.Generator, n int) (*Glyphs, error) {
	if n < 1 {
		return nil, fmt.Errorf("glyphs: %d examples: want at least one", n)
	}
	return &Glyphs{g, n}, nil
}

// Info describes the pictures: shape [1, Size, Size].
func (s *Glyphs) Info() Info {
	size := s.Generator.Options().Size
	return Info{"glyphs", []int{1, size, size}, s.Generator.Classes()}
}

// Len is the number of examples.
func (s *Glyphs) Len() int { return s.length }

// Read draws example i.
func (s *Glyphs) Read(i int, x []float32) (int, error) { return s.Generator.Example(i, x), nil }

// Label returns the class of example i without drawing it.
func (s *Glyphs) Label(i int) (int, error) { return s.Generator.Label(i), nil }
