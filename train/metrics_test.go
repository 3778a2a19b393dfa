package train_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/train"
)

// logitsModel returns a model whose logits are its input.
func logitsModel() *modelfile.Model {
	l := &nn.Linear[float32]{Weight: nn.NewParam[float32](3, 3)}
	for i := range 3 {
		l.Weight.Value.Set(1, i, i)
	}
	return &modelfile.Model{Net: l, Input: []int{3}, Classes: []string{"a", "b", "c"}}
}

func TestEvaluate(t *testing.T) {
	x := tensor.From([]float32{
		0, 0, 0, // label 0, predicted 0 by the tie, loss ln 3
		0, 1000, 0, // label 1, predicted 1, loss 0
		0, 50, 0, // label 0, predicted 1, loss 50
		0, 0, 0, // label 1, predicted 0, loss ln 3
	}, 4, 3)
	source, err := dataset.NewMemory("four", x, []int{0, 1, 0, 1}, []string{"a", "b", "c"})
	if err != nil {
		t.Fatal(err)
	}
	m, err := train.Evaluate(context.Background(), logitsModel(), source)
	if err != nil {
		t.Fatal(err)
	}
	if want := (50 + 2*math.Log(3)) / 4; math.Abs(m.Loss-want) > 1e-12 || m.Accuracy != 0.5 || m.Examples != 4 {
		t.Errorf("got %+v, want loss %v, accuracy 0.5 of 4", m, want)
	}
	if want := [][]int{{1, 1, 0}, {1, 1, 0}, {0, 0, 0}}; !cmp.Equal(m.Confusion, want) {
		t.Errorf("confusion: got %v, want %v", m.Confusion, want)
	}
	for name, got := range map[string][]float64{"recall": m.Recall(), "precision": m.Precision()} {
		if got[0] != 0.5 || got[1] != 0.5 || !math.IsNaN(got[2]) {
			t.Errorf("%s: got %v, want [0.5 0.5 NaN]", name, got)
		}
	}
	if _, err := json.Marshal(m); err != nil {
		t.Error(err)
	}
	z, labels, err := train.Logits(context.Background(), logitsModel(), source)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := train.Measure(z, labels, m.Classes); err != nil || !cmp.Equal(again, m) {
		t.Errorf("from the logits: %+v, %v; want %+v", again, err, m)
	}
	for _, bad := range [][]int{{0, 1, 0}, {0, 1, 0, 3}} {
		if _, err := train.Measure(z, bad, m.Classes); err == nil {
			t.Errorf("labels %v accepted", bad)
		}
	}
}

// TestEvaluateManyBatches: the counts do not depend on how examples fall into
// batches, and the last one is not full.
func TestEvaluateManyBatches(t *testing.T) {
	model, source := newModel(1), blobs(600, 5)
	m, err := train.Evaluate(context.Background(), model, source)
	if err != nil {
		t.Fatal(err)
	}
	loss, right := 0.0, 0.0
	for i := range 600 {
		one, err := train.Evaluate(context.Background(), model, dataset.Subset(source, []int{i}))
		if err != nil {
			t.Fatal(err)
		}
		loss += one.Loss / 600
		right += one.Accuracy / 600
	}
	if m.Examples != 600 || math.Abs(m.Loss-loss) > 1e-5 || math.Abs(m.Accuracy-right) > 1e-12 {
		t.Errorf("together %+v, one by one loss %v, accuracy %v", m.Score(), loss, right)
	}
}

func TestEvaluateRefuses(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := train.Evaluate(ctx, newModel(1), blobs(10, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	if _, err := train.Evaluate(context.Background(), logitsModel(), blobs(10, 1)); err == nil || !strings.Contains(err.Error(), "blobs has examples of shape [6]: the model takes [3]") {
		t.Errorf("other shape: got %v", err)
	}
	m := newModel(1)
	m.Classes = nil
	if _, err := train.Evaluate(context.Background(), m, blobs(10, 1)); err == nil {
		t.Error("no classes: accepted")
	}
	if _, err := train.Evaluate(context.Background(), newModel(1), dataset.First(blobs(10, 1), 0)); err == nil {
		t.Error("no examples: accepted")
	}
}

func TestHistoryStaysShort(t *testing.T) {
	config := newConfig()
	config.Train, config.HoldOut = blobs(8, 1), 0
	config.BatchSize, config.Epochs = 2, 800
	result := fit(t, newModel(1), config)
	steps := result.History.Steps
	if result.Steps != 3200 || len(steps) != 800 || result.History.Stride != 4 || len(result.History.Epochs) != 800 {
		t.Fatalf("%d samples of %d steps, stride %d, %d epochs", len(steps), result.Steps, result.History.Stride, len(result.History.Epochs))
	}
	for i, s := range steps {
		if s.Step != 4*(i+1) {
			t.Fatalf("sample %d is of step %d", i, s.Step)
		}
	}
	text, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	var back train.Result
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(result, &back); d != "" {
		t.Fatalf("as JSON and back:\n%s", d)
	}
}
