package dataset

// Subset is the source of the examples of s at the given indices, in that
// order; repeats are allowed. An index outside [0, s.Len()) panics on Read.
func Subset(s Source, indices []int) Source { return &subset{s, indices} }

// First is the source of the first n examples of s, or of all if it has fewer.
func First(s Source, n int) Source {
	indices := make([]int, max(0, min(n, s.Len())))
	for i := range indices {
		indices[i] = i
	}
	return Subset(s, indices)
}

type subset struct {
	Source
	indices []int
}

func (s *subset) Len() int { return len(s.indices) }

func (s *subset) Read(i int, x []float32) (int, error) { return s.Source.Read(s.indices[i], x) }

func (s *subset) Label(i int) (int, error) {
	if l, ok := s.Source.(Labeler); ok {
		return l.Label(s.indices[i])
	}
	return s.Read(i, make([]float32, s.Info().Size()))
}
