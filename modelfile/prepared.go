package modelfile

import (
	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/tensor"
)

// Source is the source with its examples preprocessed, for what learns from a
// source without labels. The examples must be such as Apply takes.
func (p Preprocess) Source(s dataset.Source) dataset.Source {
	if len(p.Mean) == 0 {
		return s
	}
	return prepared{s, p}
}

type prepared struct {
	dataset.Source
	preprocess Preprocess
}

// Read preprocesses what the source reads.
func (s prepared) Read(i int, x []float32) (int, error) {
	label, err := s.Source.Read(i, x)
	s.preprocess.Apply(tensor.From(x, append([]int{1}, s.Info().Shape...)...))
	return label, err
}

// Undo replaces the batch x [batch, …] by what Apply would make x of, up to
// rounding. It panics as Apply does.
func (p Preprocess) Undo(x *tensor.Tensor[float32]) {
	inverse := Preprocess{Mean: make([]float32, len(p.Mean)), Std: make([]float32, len(p.Std))}
	for i, std := range p.Std {
		inverse.Mean[i], inverse.Std[i] = -p.Mean[i]/std, 1/std
	}
	inverse.Apply(x)
}
