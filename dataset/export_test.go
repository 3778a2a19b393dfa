package dataset_test

import (
	"context"
	"testing"

	"github.com/gradus-ml/gradus/dataset"
)

func TestExportIsReadBack(t *testing.T) {
	source, err := dataset.Open("glyphs", dataset.Test)
	if err != nil {
		t.Fatal(err)
	}
	few, dir := dataset.Subset(source, []int{3, 1, 4, 1, 5}), t.TempDir()
	for _, split := range []dataset.Split{dataset.Train, dataset.Test} {
		if err := dataset.ExportIDX(context.Background(), few, dir, split); err != nil {
			t.Fatal(err)
		}
		back, err := dataset.Open(dir, split)
		if err != nil {
			t.Fatal(err)
		}
		if back.Len() != few.Len() || len(back.Info().Classes) != 10 {
			t.Fatalf("%v: %d examples of %d classes, want 5 of 10", split, back.Len(), len(back.Info().Classes))
		}
		x, y := make([]float32, 784), make([]float32, 784)
		for i := range few.Len() {
			want, _ := few.Read(i, x)
			got, err := back.Read(i, y)
			if err != nil || got != want {
				t.Fatalf("%v example %d: label %d, %v, want %d", split, i, got, err, want)
			}
			for j := range x {
				if d := x[j] - y[j]; d > 0.5/255+1e-6 || d < -0.5/255-1e-6 {
					t.Fatalf("%v example %d pixel %d: %v, want %v within half a byte", split, i, j, y[j], x[j])
				}
			}
		}
	}
}
