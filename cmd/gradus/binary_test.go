package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/train"
)

// TestBinaryValidation: what training prints of the held-out examples is what
// the saved model says of them, though it learned with drawn weights.
func TestBinaryValidation(t *testing.T) {
	folder := t.TempDir()
	digits, saved := filepath.Join(folder, "digits"), filepath.Join(folder, "model")
	gradus := func(args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		if status := run(t.Context(), args, &terminal{In: strings.NewReader(""), Out: &out, Err: &errs}); status != 0 {
			t.Fatalf("%v: status %d: %s", args, status, errs.String())
		}
		return out.String()
	}
	gradus("data", "export", "glyphs", "--n", "900", "--idx", digits)
	gradus("data", "export", "glyphs", "--split", "test", "--n", "50", "--idx", digits)
	said := gradus("train", "--data", digits, "--model", "mlp:16", "--epochs", "2", "--binary", "sample", "--validation", "0.3", "--json", "--out", saved)
	var last struct{ Validation *train.Score }
	for line := range strings.Lines(said) {
		if strings.Contains(line, `"event":"epoch"`) {
			if err := json.Unmarshal([]byte(line), &last); err != nil {
				t.Fatal(err)
			}
		}
	}
	model, err := openModel(saved)
	if err != nil {
		t.Fatal(err)
	}
	source, err := dataset.Open(digits, dataset.Train)
	if err != nil {
		t.Fatal(err)
	}
	_, held, err := dataset.HoldOut(source, 0.3, 1)
	if err != nil {
		t.Fatal(err)
	}
	metrics, err := train.Evaluate(t.Context(), model, held)
	if err != nil {
		t.Fatal(err)
	}
	if last.Validation == nil || *last.Validation != metrics.Score() {
		t.Errorf("validation of the last epoch: %+v; the saved model's: %+v", last.Validation, metrics.Score())
	}
}
