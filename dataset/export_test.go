package dataset_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/tensor"
)

func TestExportComesBack(t *testing.T) {
	dir := t.TempDir()
	x := tensor.New[float32](2, 1, 16, 16)
	for i := range 256 {
		x.Row(0)[i] = float32(i) / 255 // each byte there is
	}
	x.Row(1)[0], x.Row(1)[1] = -1, 2
	m, err := dataset.NewMemory("bytes", x, []int{1, 0}, []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	for _, split := range []dataset.Split{dataset.Train, dataset.Test} {
		if err := dataset.Export(context.Background(), m, dir, split); err != nil {
			t.Fatal(err)
		}
		s, err := dataset.Open(dir, split)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float32, 256)
		label, err := s.Read(0, got)
		if !slices.Equal(got, x.Row(0)) || label != 1 || err != nil {
			t.Errorf("example 0: %v, label %d, %v", got, label, err)
		}
		if _, err = s.Read(1, got); got[0] != 0 || got[1] != 1 || err != nil {
			t.Errorf("values outside of [0, 1] became %v, %v", got[:2], err)
		}
		if diff := cmp.Diff([]string{"a", "b"}, s.Info().Classes); diff != "" {
			t.Error(diff)
		}
	}
	flat, err := dataset.NewMemory("flat", tensor.New[float32](1, 2), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]dataset.Source{"no pictures": flat, "nothing": dataset.First(m, 0), "a label that is no class": faulty{m, 1, 9, nil}} {
		if err := dataset.Export(context.Background(), s, t.TempDir(), dataset.Train); err == nil {
			t.Errorf("exported %s", name)
		}
	}
}
