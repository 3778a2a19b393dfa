package dataset

import (
	"fmt"

	"github.com/gradus-ml/gradus/dataset/idx"
)

// Bytes is a source of examples held as bytes, which [Bytes.Read] scales from
// 0 … 255 to [0, 1]: a quarter of the memory of floats.
type Bytes struct {
	info   Info
	data   []byte
	labels []byte
}

// NewBytes returns the source of images [n, height, width], which are read as
// [1, height, width], or of arrays [n, …] of any other rank as they are, with
// labels [n]. It keeps both arrays.
func NewBytes(name string, images, labels *idx.Array, classes []string) (*Bytes, error) {
	if len(images.Shape) < 2 || len(labels.Shape) != 1 || labels.Shape[0] != images.Shape[0] {
		return nil, fmt.Errorf("%s: images %v, labels %v: want one label for each image", name, images.Shape, labels.Shape)
	}
	for i, label := range labels.Data {
		if err := checkLabel(int(label), classes); err != nil {
			return nil, &ExampleError{name, i, err}
		}
	}
	shape := images.Shape[1:]
	if len(shape) == 2 {
		shape = []int{1, shape[0], shape[1]}
	}
	info := Info{name, shape, classes}
	if images.Shape[0] == 0 || info.Size() == 0 {
		return nil, fmt.Errorf("%s: images %v: want at least one, of at least one pixel", name, images.Shape)
	}
	return &Bytes{info, images.Data, labels.Data}, nil
}

// Info describes the examples.
func (b *Bytes) Info() Info { return b.info }

// Len is the number of examples.
func (b *Bytes) Len() int { return len(b.labels) }

// Read scales example i and returns its label.
func (b *Bytes) Read(i int, x []float32) (int, error) {
	mustFit("dataset.Bytes", b.info, x)
	for k, v := range b.data[i*len(x) : (i+1)*len(x)] {
		x[k] = float32(v) / 255
	}
	return int(b.labels[i]), nil
}

// Label returns the label of example i.
func (b *Bytes) Label(i int) (int, error) { return int(b.labels[i]), nil }
