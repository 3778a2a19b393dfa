package dataset_test

import (
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/tensor"
)

func TestRelabel(t *testing.T) {
	source, err := dataset.NewMemory("m", tensor.From([]float32{1, 2, 3}, 3, 1), []int{0, 1, 0}, []string{"c", "a"})
	if err != nil {
		t.Fatal(err)
	}
	counted, err := dataset.Relabel(source, []string{"a", "b", "c"})
	if err != nil {
		t.Fatal(err)
	}
	labels, err := dataset.Labels(counted)
	if want := []int{2, 0, 2}; err != nil || !slices.Equal(labels, want) {
		t.Errorf("labels %v, %v; want %v", labels, err, want)
	}
	if same, err := dataset.Relabel(source, []string{"c", "a"}); err != nil || same != dataset.Source(source) {
		t.Errorf("the classes it has: %v, %v; want the source itself", same, err)
	}
	if _, err := dataset.Relabel(source, []string{"a", "b"}); err == nil {
		t.Error("a class that is not there was accepted")
	}
	none, err := dataset.NewMemory("n", tensor.From([]float32{1}, 1, 1), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dataset.Relabel(none, []string{"a"}); err == nil {
		t.Error("a source without labels was accepted")
	}
}
