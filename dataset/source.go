package dataset

import (
	"fmt"

	"github.com/gradus-ml/gradus/tensor"
)

// Source is a set of examples with random access. It is safe for concurrent
// use and deterministic: reading example i gives the same floats every time.
type Source interface {
	Info() Info
	Len() int // the number of examples

	// Read writes the features of example i to x, of length Info().Size(), and
	// returns its label: in [0, len(Classes)), or −1 where there are no
	// classes. An i outside [0, Len()) or an x of another length panics.
	Read(i int, x []float32) (label int, err error)
}

// Labeler is a Source that can tell the label of example i without reading its
// features. [HoldOut] and [Labels] use it where it exists.
type Labeler interface {
	Label(i int) (int, error)
}

// Info says what the examples of a source are.
type Info struct {
	Name    string
	Shape   []int    // of one example: [channels height width] for pictures, [features] for tables
	Classes []string // their names; empty where examples have no labels
}

// Size is the number of features of one example, the product of Shape.
func (info Info) Size() int { return tensor.Size(info.Shape) }

// ExampleError says which example of which source could not be had.
type ExampleError struct {
	Source string
	Index  int
	Err    error
}

// Error names the source, the example and the reason.
func (e *ExampleError) Error() string {
	return fmt.Sprintf("%s: example %d: %v", e.Source, e.Index, e.Err)
}

// Unwrap returns the reason.
func (e *ExampleError) Unwrap() error { return e.Err }

// Labels returns the label of every example, in order.
func Labels(source Source) ([]int, error) {
	info := source.Info()
	labels := make([]int, source.Len())
	read := labelReader(source)
	for i := range labels {
		label, err := read(i)
		if err == nil {
			err = checkLabel(label, info.Classes)
		}
		if err != nil {
			return nil, &ExampleError{info.Name, i, err}
		}
		labels[i] = label
	}
	return labels, nil
}

func labelReader(source Source) func(i int) (int, error) {
	if l, ok := source.(Labeler); ok {
		return l.Label
	}
	x := make([]float32, source.Info().Size())
	return func(i int) (int, error) { return source.Read(i, x) }
}

func checkLabel(label int, classes []string) error {
	if len(classes) == 0 && label != -1 {
		return fmt.Errorf("label %d in a source without classes: want −1", label)
	}
	if len(classes) > 0 && (label < 0 || label >= len(classes)) {
		return fmt.Errorf("label %d: want one of %d classes, 0 to %d", label, len(classes), len(classes)-1)
	}
	return nil
}
