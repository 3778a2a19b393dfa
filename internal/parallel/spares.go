package parallel

import "sync"

// Spares keeps values for the next who needs one, so that work in the steady
// state allocates nothing. The zero value is ready for use, by any number of
// goroutines. What is kept is never freed (a sync.Pool would, whenever memory
// is collected, and allocate large buffers anew): as many values as were ever
// in use at the same time.
type Spares[T any] struct {
	mu   sync.Mutex
	free []*T
}

// Take returns a value that was given back, as it was then, or a new one.
func (s *Spares[T]) Take() *T {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.free) - 1
	if last < 0 {
		return new(T)
	}
	x := s.free[last]
	s.free = s.free[:last]
	return x
}

// Give gives back a value that nobody uses any more.
func (s *Spares[T]) Give(x *T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, x)
}
