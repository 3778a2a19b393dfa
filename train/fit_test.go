package train_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/train"
)

// blobs returns n points of three classes around corners of a square, in the
// first 2 of 6 features; the others are noise.
func blobs(n int, seed uint64) dataset.Source {
	rng := rand.New(rand.NewPCG(seed, 0))
	x, labels := tensor.New[float32](n, 6), make([]int, n)
	tensor.Normal(x, rng, 0, 0.5)
	for i := range n {
		labels[i] = rng.IntN(3)
		x.Row(i)[0] += float32(labels[i] % 2 * 2)
		x.Row(i)[1] += float32(labels[i] / 2 * 2)
	}
	source, err := dataset.NewMemory("blobs", x, labels, []string{"a", "b", "c"})
	if err != nil {
		panic(err)
	}
	return source
}

// newModel returns an untrained model for blobs, with Dropout and BatchNorm.
func newModel(seed uint64) *modelfile.Model {
	rng := rand.New(rand.NewPCG(seed, 0))
	return &modelfile.Model{
		Net: nn.Sequential[float32]{
			nn.NewLinear[float32](6, 16, rng), nn.NewBatchNorm[float32](16), nn.ReLU[float32]{}, nn.NewDropout[float32](0.2), nn.NewLinear[float32](16, 3, rng),
		},
		Input:      []int{6},
		Classes:    []string{"a", "b", "c"},
		Preprocess: modelfile.Preprocess{Mean: []float32{0.5}, Std: []float32{2}},
	}
}

func newConfig() train.Config {
	return train.Config{
		Train: blobs(300, 1), HoldOut: 0.2, BatchSize: 16, Shuffle: true, Seed: 7,
		Step: optim.AdamStep[float32](0.01), Epochs: 4, KeepBest: true,
	}
}

func fit(t testing.TB, model *modelfile.Model, config train.Config) *train.Result {
	t.Helper()
	result, err := train.Fit(context.Background(), model, config)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func ExampleFit() {
	model := newModel(1)
	result, err := train.Fit(context.Background(), model, train.Config{
		Train: blobs(300, 1), HoldOut: 0.2, BatchSize: 16, Shuffle: true, Seed: 7,
		Step: optim.AdamStep[float32](0.01), Epochs: 4, KeepBest: true,
	})
	if err != nil {
		panic(err)
	}
	metrics, err := train.Evaluate(context.Background(), model, blobs(500, 2))
	fmt.Println(result.Reason, result.Steps, metrics.Accuracy > 0.9, err)
	// Output: epochs 60 true <nil>
}

func TestSameSeedSameBits(t *testing.T) {
	weights := func(processors int) map[string]*tensor.Tensor[float32] {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		model := newModel(1)
		fit(t, model, newConfig())
		return modelfile.Tensors(model.Net)
	}
	one := weights(1)
	for _, processors := range []int{1, 2} {
		if d := cmp.Diff(one, weights(processors)); d != "" {
			t.Fatalf("%d processors give other weights than 1:\n%s", processors, d)
		}
	}
	config := newConfig()
	config.Seed++
	model := newModel(1)
	fit(t, model, config)
	if cmp.Equal(one, modelfile.Tensors(model.Net)) {
		t.Fatal("another seed gives the same weights")
	}
}

func TestResult(t *testing.T) {
	config := newConfig()
	events := map[string]int{}
	config.Observer = train.Observer{
		Step: func(e train.StepEvent) {
			events["step"]++
			if e.Step != events["step"] || e.Batches != 15 || e.Batch != (e.Step-1)%15+1 || e.Epoch != (e.Step-1)/15 || e.LearningRate != 0.01 || !(e.PerSecond > 0) || e.Remaining < 0 {
				t.Errorf("step event %d: %+v", events["step"], e)
			}
		},
		Epoch: func(train.Epoch) { events["epoch"]++ },
	}
	model := newModel(1)
	result := fit(t, model, config)
	if want := map[string]int{"step": 60, "epoch": 4}; !cmp.Equal(events, want) {
		t.Errorf("events: got %v, want %v", events, want)
	}
	if result.Steps != 60 || result.Epochs != 4 || result.Reason != train.EpochsDone || len(result.History.Epochs) != 4 || len(result.History.Steps) != 60 {
		t.Errorf("got %+v", result)
	}
	bestEpoch := 0
	for _, e := range result.History.Epochs {
		if e.Best {
			bestEpoch = e.Epoch
		}
	}
	if last := result.History.Epochs[bestEpoch-1]; bestEpoch != result.BestEpoch || *last.Validation != result.Validation.Score() {
		t.Errorf("best epoch %d, in the history %d: %+v, of the weights left: %+v", result.BestEpoch, bestEpoch, last.Validation, result.Validation.Score())
	}
	rest, held, err := dataset.HoldOut(config.Train, config.HoldOut, config.Seed)
	if err != nil {
		t.Fatal(err)
	}
	metrics, err := train.Evaluate(context.Background(), model, held)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(result.Validation, metrics); d != "" {
		t.Errorf("validation and a new evaluation of the held-out examples:\n%s", d)
	}
	labels, err := dataset.Labels(rest)
	if err != nil {
		t.Fatal(err)
	}
	counts := make([]float64, 3)
	for _, label := range labels {
		counts[label] += 1 / float64(len(labels))
	}
	for c := range counts {
		if d := counts[c] - model.Priors[c]; d > 1e-12 || d < -1e-12 {
			t.Errorf("priors: got %v, want %v", model.Priors, counts)
			break
		}
	}
	if tr := model.Training; tr.Steps != 60 || tr.Examples != 240 || tr.Data != "blobs" || !strings.HasPrefix(tr.Optimizer, "Step{Estimator: AdamMoments{Beta1: 0.9, Beta2: 0.999") || len(tr.Metrics) != 4 {
		t.Errorf("training: got %+v", tr)
	}
}

func TestLimits(t *testing.T) {
	config := newConfig()
	config.Steps = 20 // in the second epoch
	result := fit(t, newModel(1), config)
	if result.Reason != train.StepsDone || result.Steps != 20 || result.Epochs != 1 || len(result.History.Epochs) != 2 || result.History.Epochs[1].Step != 20 || result.Validation == nil {
		t.Errorf("20 steps: got %+v", result)
	}
	config = newConfig()
	config.Epochs, config.Patience, config.MinDelta = 100, 2, 0.5
	result = fit(t, newModel(1), config)
	if n := len(result.History.Epochs); result.Reason != train.NoImprovement || n != result.BestEpoch+2 {
		t.Errorf("patience of 2: got %v after %d epochs, the best was %d", result.Reason, n, result.BestEpoch)
	}
}

// unbalanced returns so many points of each class, around its own corner.
func unbalanced(counts ...int) dataset.Source {
	var labels []int
	for c, n := range counts {
		labels = append(labels, slices.Repeat([]int{c}, n)...)
	}
	x := tensor.New[float32](len(labels), 6)
	tensor.Normal(x, rand.New(rand.NewPCG(3, 0)), 0, 1)
	for i, c := range labels {
		x.Row(i)[c] += 1.5
	}
	source, err := dataset.NewMemory("unbalanced", x, labels, []string{"a", "b", "c"})
	if err != nil {
		panic(err)
	}
	return source
}

// TestBalance: the rare classes count as much as the others, the priors say so,
// and weights given by hand come to the same.
func TestBalance(t *testing.T) {
	config := train.Config{Train: unbalanced(900, 90, 10), BatchSize: 50, Shuffle: true, Epochs: 10, Step: optim.AdamStep[float32](0.01)}
	plain, balanced, byHand := newModel(1), newModel(1), newModel(1)
	fit(t, plain, config)
	config.Balance = true
	fit(t, balanced, config)
	config.Balance, config.ClassWeights = false, []float64{1000. / 2700, 1000. / 270, 1000. / 30}
	fit(t, byHand, config)
	for path, p := range modelfile.Tensors(balanced.Net) {
		if !slices.Equal(p.Data, modelfile.Tensors(byHand.Net)[path].Data) {
			t.Errorf("%s is not what weights by hand give", path)
		}
	}
	for _, p := range balanced.Priors {
		if math.Abs(p-1./3) > 1e-12 {
			t.Errorf("priors %v, want uniform", balanced.Priors)
		}
	}
	fair := unbalanced(300, 300, 300)
	before, err := train.Evaluate(context.Background(), plain, fair)
	if err != nil {
		t.Fatal(err)
	}
	after, err := train.Evaluate(context.Background(), balanced, fair)
	if err != nil {
		t.Fatal(err)
	}
	if after.Recall()[2] < before.Recall()[2]+0.2 || after.Accuracy < before.Accuracy {
		t.Errorf("recalls %v, accuracy %v; before %v, %v: want the rare class found", after.Recall(), after.Accuracy, before.Recall(), before.Accuracy)
	}
}

// TestClassWeightsAndPriors: weights enter the priors as the loss uses them.
func TestClassWeightsAndPriors(t *testing.T) {
	x := tensor.New[float32](4, 6)
	source, err := dataset.NewMemory("four", x, []int{0, 0, 0, 1}, []string{"a", "b", "c"})
	if err != nil {
		t.Fatal(err)
	}
	model := newModel(1)
	fit(t, model, train.Config{Train: source, BatchSize: 2, Steps: 1, Step: optim.SGDStep[float32](0.1), ClassWeights: []float64{1, 3, 5}})
	if want := []float64{0.5, 0.5, 0}; !cmp.Equal(model.Priors, want) {
		t.Errorf("got %v, want %v", model.Priors, want)
	}
}

func TestFrozenAndGroups(t *testing.T) {
	config := newConfig()
	config.Groups = []optim.Group[float32]{{Match: "4.*", Step: optim.SGDStep[float32](0.1)}}
	model := newModel(1)
	first := model.Net.(nn.Sequential[float32])[0].(*nn.Linear[float32])
	first.Weight.Frozen = true
	before := first.Weight.Value.Clone()
	fit(t, model, config)
	if d := cmp.Diff(before, first.Weight.Value); d != "" {
		t.Errorf("a frozen parameter moved:\n%s", d)
	}
}

func TestConfigIsChecked(t *testing.T) {
	for _, c := range []struct {
		want   string
		change func(*train.Config, *modelfile.Model)
	}{
		{"no training data", func(c *train.Config, _ *modelfile.Model) { c.Train = nil }},
		{"want one of them", func(c *train.Config, _ *modelfile.Model) { c.Validation = c.Train }},
		{"held-out fraction of 1.5", func(c *train.Config, _ *modelfile.Model) { c.HoldOut = 1.5 }},
		{"leaves examples on both sides", func(c *train.Config, _ *modelfile.Model) { c.HoldOut = 1e-9 }},
		{"batch size 0", func(c *train.Config, _ *modelfile.Model) { c.BatchSize = 0 }},
		{"no end: want Epochs, Steps or both", func(c *train.Config, _ *modelfile.Model) { c.Epochs = 0 }},
		{"-1 epochs", func(c *train.Config, _ *modelfile.Model) { c.Epochs = -1 }},
		{"label smoothing of 1", func(c *train.Config, _ *modelfile.Model) { c.LabelSmoothing = 1 }},
		{"class weights and balance", func(c *train.Config, _ *modelfile.Model) { c.Balance, c.ClassWeights = true, []float64{1, 1, 1} }},
		{`no example of class "c"`, func(c *train.Config, _ *modelfile.Model) {
			c.Balance, c.HoldOut, c.Train = true, 0, unbalanced(8, 2, 0)
		}},
		{"2 class weights for 3 classes", func(c *train.Config, _ *modelfile.Model) { c.ClassWeights = []float64{1, 1} }},
		{`weight 0 of class "b"`, func(c *train.Config, _ *modelfile.Model) { c.ClassWeights = []float64{1, 0, 1} }},
		{"monitor Quantity(5)", func(c *train.Config, _ *modelfile.Model) { c.Monitor = 5 }},
		{"least improvement of -1", func(c *train.Config, _ *modelfile.Model) { c.MinDelta = -1 }},
		{"patience of -1", func(c *train.Config, _ *modelfile.Model) { c.Patience = -1 }},
		{"checkpoints every -1 steps", func(c *train.Config, _ *modelfile.Model) { c.Checkpoints.EverySteps = -1 }},
		{"no folder for checkpoints", func(c *train.Config, _ *modelfile.Model) { c.Resume = true }},
		{"optim: ", func(c *train.Config, _ *modelfile.Model) { c.Step.Rate = optim.Constant(-1) }},
		{"optim: group", func(c *train.Config, _ *modelfile.Model) {
			c.Groups = []optim.Group[float32]{{Match: "none", Step: c.Step}}
		}},
		{"optim: ", func(c *train.Config, _ *modelfile.Model) { c.Step.Geometry = prox.Euclidean[float32]{} }},
		{"blobs has examples of shape [6]: the model takes [5]", func(_ *train.Config, m *modelfile.Model) {
			m.Input, m.Net = []int{5}, nn.NewLinear[float32](5, 3, rand.New(rand.NewPCG(1, 1)))
		}},
		{`class 1 of blobs is "b": the model's is "x"`, func(_ *train.Config, m *modelfile.Model) { m.Classes[1] = "x" }},
		{"a model of 0 classes", func(_ *train.Config, m *modelfile.Model) { m.Classes = nil }},
		{"no network", func(_ *train.Config, m *modelfile.Model) { m.Net = nil }},
	} {
		config, model := newConfig(), newModel(1)
		c.change(&config, model)
		if _, err := train.Fit(context.Background(), model, config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
		early := config.Validate(model)
		if ofStep := strings.HasPrefix(c.want, "optim: "); ofStep != (early == nil) || early != nil && !strings.Contains(early.Error(), c.want) {
			t.Errorf("Validate: got %v, want %s", early, c.want)
		}
	}
}

// TestBeforeValidation: validation measures what the function made of the
// model, and training goes on as if it had made nothing.
func TestBeforeValidation(t *testing.T) {
	model, config := newModel(1), newConfig()
	calls := 0
	config.BeforeValidation = func(context.Context) error {
		calls++
		for _, x := range modelfile.Tensors(model.Net) {
			x.Fill(0)
		}
		return nil
	}
	config.KeepBest = false
	result := fit(t, model, config)
	for _, e := range result.History.Epochs {
		if got := e.Validation.Loss; math.Abs(got-math.Log(3)) > 1e-6 {
			t.Errorf("epoch %d: validation loss %v of a network that is 0, want log 3", e.Epoch, got)
		}
	}
	if calls != config.Epochs {
		t.Errorf("called %d times in %d epochs", calls, config.Epochs)
	}
	last := newModel(1)
	config = newConfig()
	config.KeepBest = false
	fit(t, last, config)
	if !cmp.Equal(modelfile.Tensors(last.Net), modelfile.Tensors(model.Net)) {
		t.Error("training went on with other weights")
	}
	refused := errors.New("refused")
	config.BeforeValidation = func(context.Context) error { return refused }
	if _, err := train.Fit(t.Context(), newModel(1), config); !errors.Is(err, refused) {
		t.Errorf("got %v, want the error of the function", err)
	}
}
