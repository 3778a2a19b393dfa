package train_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/train"
)

func TestLogits(t *testing.T) {
	x := tensor.From([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	source, err := dataset.NewMemory("two", x, []int{2, 0}, []string{"a", "b", "c"})
	if err != nil {
		t.Fatal(err)
	}
	z, labels, err := train.Logits(context.Background(), logitsModel(), source)
	if err != nil || !cmp.Equal(z.Data, []float64{1, 2, 3, 4, 5, 6}) || !cmp.Equal(labels, []int{2, 0}) {
		t.Errorf("got %v, %v, %v; want the inputs and the labels", z, labels, err)
	}
}
