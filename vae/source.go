package vae

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/internal/seeds"
	"github.com/gradus-ml/gradus/tensor"
)

// Source is a set of examples, each of as many numbers as the model's Input has:
// any dataset.Source is one. Labels are not used.
type Source interface {
	Len() int
	Read(i int, x []float32) (label int, err error)
}

// reader fills batches from a source, in the memory of one.
type reader struct {
	source Source
	x      *tensor.Tensor[float32]
	data   []float32
	width  int
}

func newReader(source Source, input []int, size int) *reader {
	width := tensor.Size(input)
	r := &reader{source: source, width: width, data: make([]float32, size*width)}
	r.x = tensor.From(r.data, append([]int{size}, input...)...)
	return r
}

// read returns the examples of the given indices, valid until the next call.
func (r *reader) read(indices []int) (*tensor.Tensor[float32], error) {
	r.x.Shape[0], r.x.Data = len(indices), r.data[:len(indices)*r.width]
	for k, i := range indices {
		if _, err := r.source.Read(i, r.x.Row(k)); err != nil {
			return nil, fmt.Errorf("vae: example %d: %w", i, err)
		}
	}
	return r.x, nil
}

// order returns the indices of an epoch, shuffled by (seed, epoch).
func order(n int, seed uint64, epoch int) []int {
	var pcg rand.PCG
	seeds.Set(&pcg, seed, uint64(epoch), orderStream)
	return rand.New(&pcg).Perm(n)
}

// The streams of one seed.
const (
	orderStream = iota
	noiseStream
	measureStream
)
