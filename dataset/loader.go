package dataset

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/gradus-ml/gradus/internal/seeds"
	"github.com/gradus-ml/gradus/tensor"
)

// Batch is a few examples side by side.
type Batch struct {
	X       *tensor.Tensor[float32] // [examples, …Info.Shape]
	Labels  []int                   // one for each example
	Indices []int                   // where each example stands in the source
}

// Loader reads a source batch by batch. Its fields are all there is to it: the
// order of an epoch is a pure function of (Seed, epoch), and the changes that
// Augment makes to example i one of (Seed, epoch, i). So (epoch, batch) is the
// whole position in the data, the one to save with a checkpoint.
type Loader struct {
	Source    Source
	BatchSize int
	Shuffle   bool
	Seed      uint64
	Augment   Augment // nil leaves examples as they are
	DropLast  bool    // leave out the last batch where it is not full
}

// Validate says what is wrong with the fields, if anything.
func (l Loader) Validate() error {
	if l.Source == nil {
		return fmt.Errorf("dataset.Loader: no source")
	}
	if l.BatchSize < 1 {
		return fmt.Errorf("dataset.Loader: batch size %d: want at least 1", l.BatchSize)
	}
	if l.Len() == 0 {
		return fmt.Errorf("dataset.Loader: %s has %d examples, which make no batch of %d (drop last: %t): want at least one batch", l.Source.Info().Name, l.Source.Len(), l.BatchSize, l.DropLast)
	}
	if l.Augment != nil {
		return l.Augment.Accepts(l.Source.Info())
	}
	return nil
}

// Len is the number of batches of an epoch.
func (l Loader) Len() int {
	if l.DropLast {
		return l.Source.Len() / l.BatchSize
	}
	return l.Source.Len()/l.BatchSize + min(1, l.Source.Len()%l.BatchSize)
}

// Order is the order in which an epoch visits the source: a permutation of
// its indices where Shuffle is set.
func (l Loader) Order(epoch int) []int {
	if l.Shuffle {
		return shuffled(l.Source.Len(), l.Seed, epoch)
	}
	order := make([]int, l.Source.Len())
	for i := range order {
		order[i] = i
	}
	return order
}

// Batches yields the batches of an epoch, beginning with batch number from.
// Goroutines read ahead, one for each processor; what is yielded, and in which
// order, does not depend on how many. A batch is valid until the next
// iteration: its memory is used again.
//
// An error, of a field, of an example (an [*ExampleError]) or of ctx, is
// yielded once and is the last. When the loop ends, however it ends, so have
// the goroutines.
func (l Loader) Batches(ctx context.Context, epoch, from int) iter.Seq2[*Batch, error] {
	return func(yield func(*Batch, error) bool) {
		if err := l.Validate(); err != nil {
			yield(nil, err)
			return
		}
		if epoch < 0 || from < 0 {
			yield(nil, fmt.Errorf("dataset.Loader: epoch %d, batch %d: want neither negative", epoch, from))
			return
		}
		order, total := l.Order(epoch), l.Len()
		readers := make([]*reader, min(runtime.GOMAXPROCS(0), max(0, total-from)))

		reading, stop := context.WithCancel(ctx)
		var running sync.WaitGroup
		defer running.Wait()
		defer stop()
		for k := range readers {
			readers[k] = newReader(l, epoch, order)
			running.Go(func() { readers[k].run(reading, from+k, total, len(readers)) })
		}
		for b := from; b < total; b++ {
			r := readers[(b-from)%len(readers)]
			select {
			case <-ctx.Done():
			case s := <-r.full:
				if ctx.Err() == nil {
					if s.err != nil {
						yield(nil, s.err)
						return
					}
					if !yield(&s.Batch, nil) {
						return
					}
					r.free <- s
				}
			}
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// reader fills every k-th batch: it is handed them by arithmetic, so that the
// order needs no sorting afterwards.
type reader struct {
	Loader
	info       Info
	epoch      int
	order      []int
	plain      []float32 // an example before Augment
	pcg        rand.PCG
	rng        *rand.Rand
	free, full chan *slot
}

type slot struct {
	Batch
	data []float32
	err  error
}

// ahead is how many batches a reader may have ready: one being used, one next.
const ahead = 2

func newReader(l Loader, epoch int, order []int) *reader {
	r := &reader{Loader: l, info: l.Source.Info(), epoch: epoch, order: order, free: make(chan *slot, ahead), full: make(chan *slot, ahead)}
	r.rng = rand.New(&r.pcg)
	r.plain = make([]float32, r.info.Size())
	size := min(l.BatchSize, len(order))
	for range ahead {
		s := &slot{data: make([]float32, size*r.info.Size())}
		s.X = tensor.From(s.data, append([]int{size}, r.info.Shape...)...)
		s.Labels, s.Indices = make([]int, size), make([]int, size)
		r.free <- s
	}
	return r
}

func (r *reader) run(ctx context.Context, first, total, stride int) {
	for b := first; b < total; b += stride {
		var s *slot
		select {
		case <-ctx.Done():
			return
		case s = <-r.free:
		}
		lo := b * r.BatchSize
		s.err = r.fill(ctx, s, r.order[lo:min(lo+r.BatchSize, len(r.order))])
		r.full <- s // never blocks: there is room for every slot
		if s.err != nil {
			return
		}
	}
}

func (r *reader) fill(ctx context.Context, s *slot, indices []int) error {
	width := len(r.plain)
	s.X.Shape[0], s.X.Data = len(indices), s.data[:len(indices)*width]
	s.Labels, s.Indices = s.Labels[:len(indices)], append(s.Indices[:0], indices...)
	for k, i := range indices {
		if err := ctx.Err(); err != nil {
			return err
		}
		row := s.X.Row(k)
		target := row
		if r.Augment != nil {
			target = r.plain
		}
		label, err := r.Source.Read(i, target)
		if err == nil {
			err = checkLabel(label, r.info.Classes)
		}
		if err != nil {
			return &ExampleError{r.info.Name, i, err}
		}
		s.Labels[k] = label
		if r.Augment != nil {
			seeds.Set(&r.pcg, r.Seed, uint64(r.epoch), uint64(i))
			r.Augment.Augment(r.rng, r.info.Shape, row, r.plain)
		}
	}
	return nil
}
