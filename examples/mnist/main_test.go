package main

import (
	"testing"

	"github.com/gradus-ml/gradus/dataset"
)

// The program learns from a folder of IDX files, and says which one is not there.
func TestLearn(t *testing.T) {
	folder := t.TempDir()
	if _, err := learn(t.Context(), folder, 1); err == nil {
		t.Error("learned from an empty folder")
	}
	for split, n := range map[dataset.Split]int{dataset.Train: 3000, dataset.Test: 500} {
		digits, err := dataset.Open("glyphs", split)
		if err != nil {
			t.Fatal(err)
		}
		if err := dataset.Export(t.Context(), dataset.First(digits, n), folder, split); err != nil {
			t.Fatal(err)
		}
	}
	metrics, err := learn(t.Context(), folder, 3)
	if err != nil {
		t.Fatal(err)
	}
	if metrics.Examples != 500 || metrics.Accuracy < 0.8 {
		t.Errorf("accuracy %v on %d digits: want at least 0.8 on 500", metrics.Accuracy, metrics.Examples)
	}
}
