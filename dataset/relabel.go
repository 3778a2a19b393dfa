package dataset

import (
	"fmt"
	"slices"
)

// Relabel is s with its labels counted in the given classes, for data that
// lacks a class or has them in another order. Each class of s is found there
// by name; one that is not, and a source without classes, is an error.
func Relabel(s Source, classes []string) (Source, error) {
	info := s.Info()
	if len(info.Classes) == 0 {
		return nil, fmt.Errorf("%s: examples without labels: want labels among %q", info.Name, classes)
	}
	if slices.Equal(info.Classes, classes) {
		return s, nil
	}
	number := make([]int, len(info.Classes))
	for k, name := range info.Classes {
		if number[k] = slices.Index(classes, name); number[k] < 0 {
			return nil, fmt.Errorf("%s: class %q: want one of %q", info.Name, name, classes)
		}
	}
	info.Classes = classes
	return &relabelled{s, info, number}, nil
}

type relabelled struct {
	Source
	info   Info
	number []int // of each class of Source
}

func (r *relabelled) Info() Info { return r.info }

func (r *relabelled) Read(i int, x []float32) (int, error) {
	label, err := r.Source.Read(i, x)
	if err == nil {
		err = checkLabel(label, r.Source.Info().Classes)
	}
	if err != nil {
		return 0, err
	}
	return r.number[label], nil
}
