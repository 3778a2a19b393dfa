package dataset

import (
	"fmt"

	"github.com/gradus-ml/gradus/tensor"
)

// Memory is a source of examples held as floats.
type Memory struct {
	info   Info
	x      *tensor.Tensor[float32]
	labels []int
}

// NewMemory returns the source of the rows of x [n, …], which it does not
// copy. There is one label in [0, len(classes)) for each row; both labels and
// classes are nil for examples without labels.
func NewMemory(name string, x *tensor.Tensor[float32], labels []int, classes []string) (*Memory, error) {
	if len(x.Shape) < 2 {
		return nil, fmt.Errorf("%s: features of shape %v: want examples along the first index and features along the others", name, x.Shape)
	}
	if len(classes) == 0 && len(labels) > 0 {
		return nil, fmt.Errorf("%s: %d labels and no classes: want the names of the classes", name, len(labels))
	}
	if len(classes) > 0 && len(labels) != x.Shape[0] {
		return nil, fmt.Errorf("%s: %d labels for %d examples: want one for each", name, len(labels), x.Shape[0])
	}
	for i, label := range labels {
		if err := checkLabel(label, classes); err != nil {
			return nil, &ExampleError{name, i, err}
		}
	}
	return &Memory{Info{name, x.Shape[1:], classes}, x, labels}, nil
}

// Info describes the examples.
func (m *Memory) Info() Info { return m.info }

// Len is the number of rows.
func (m *Memory) Len() int { return m.x.Shape[0] }

// Read copies row i and returns its label.
func (m *Memory) Read(i int, x []float32) (int, error) {
	mustFit("dataset.Memory", m.info, x)
	copy(x, m.x.Row(i))
	return m.Label(i)
}

// Label returns the label of row i.
func (m *Memory) Label(i int) (int, error) {
	if m.labels == nil {
		return -1, nil
	}
	return m.labels[i], nil
}

func mustFit(op string, info Info, x []float32) {
	if len(x) != info.Size() {
		panic(tensor.Mismatch(op, fmt.Sprintf("room for one example of shape %v", info.Shape), []int{len(x)}))
	}
}
