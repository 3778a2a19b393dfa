package vae

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/seeds"
	"github.com/gradus-ml/gradus/tensor"
)

// Source is a set of examples, each of as many numbers as the model's Input has,
// that many goroutines may read at once: any dataset.Source is one. Labels are
// not used.
type Source interface {
	Len() int
	Read(i int, x []float32) (label int, err error)
}

// reader fills batches from a source, in the memory of one, on all processors:
// drawn examples take as long as learning from them.
type reader struct {
	source  Source
	x       *tensor.Tensor[float32]
	data    []float32
	width   int
	indices []int   // of the batch being read
	errs    []error // of each of them
}

func newReader(source Source, input []int, size int) *reader {
	width := tensor.Size(input)
	r := &reader{source: source, width: width, data: make([]float32, size*width), errs: make([]error, size)}
	r.x = tensor.From(r.data, append([]int{size}, input...)...)
	return r
}

// readTogether is how many examples one goroutine reads at a time.
const readTogether = 8

// read returns the examples of the given indices, valid until the next call.
func (r *reader) read(indices []int) (*tensor.Tensor[float32], error) {
	r.x.Shape[0], r.x.Data, r.indices = len(indices), r.data[:len(indices)*r.width], indices
	parallel.Run(parallel.Blocks(len(indices), readTogether), r)
	for k, i := range indices {
		if err := r.errs[k]; err != nil {
			return nil, fmt.Errorf("vae: example %d: %w", i, err)
		}
	}
	return r.x, nil
}

// Block reads some examples of a batch.
func (r *reader) Block(b int) {
	lo, hi := parallel.Span(b, readTogether, len(r.indices))
	for k := lo; k < hi; k++ {
		_, r.errs[k] = r.source.Read(r.indices[k], r.x.Row(k))
	}
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
