package train_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/train"
)

// searched returns an attack from random points within a radius.
func searched(radius float64, warmUp int) *train.Adversarial {
	a := attack.PGD(attack.LInf(radius), attack.Everywhere(), 3, radius/2)
	a.RandomStart, a.Seed = true, 5
	return &train.Adversarial{Attack: a, WarmUp: warmUp}
}

// TestAdversarialResumes stops while the radius rises and after.
func TestAdversarialResumes(t *testing.T) {
	config := withCheckpoints(t, 0)
	config.Adversarial = searched(0.3, 20)
	for _, step := range []int{7, 40} {
		stopAfter(t, config, step)
	}
	sameAsUninterrupted(t, config)

	config.Adversarial = searched(0.2, 20)
	_, err := train.Fit(t.Context(), newModel(1), config)
	var other *train.MismatchError
	if !errors.As(err, &other) || other.Field != "adversarial training" {
		t.Errorf("another radius: %v", err)
	}
	config.Adversarial = nil
	if _, err = train.Fit(t.Context(), newModel(1), config); !errors.As(err, &other) || other.Field != "adversarial training" {
		t.Errorf("no attack: %v", err)
	}
}

// TestAdversarialAt: the radius rises in a line, and the step with it; no two
// steps begin at the same points.
func TestAdversarialAt(t *testing.T) {
	a := searched(0.4, 4)
	for steps, want := range []float64{0.1, 0.2, 0.3, 0.4, 0.4} {
		got := a.At(steps)
		if math.Abs(got.Ball.Radius-want) > 1e-15 || math.Abs(got.StepSize-want/2) > 1e-15 || got.Seed != 5+uint64(steps) {
			t.Errorf("after %d steps: %+v, want a radius of %g", steps, got, want)
		}
	}
}

// lines has the label in the sign of element 0, at a distance of 1 from the
// other class, and in eleven more elements at a distance of a tenth, which
// together say more of it to one who does not look at the worst case.
func lines(n int) dataset.Source {
	x, labels := tensor.New[float32](n, 12), make([]int, n)
	for i := range n {
		labels[i] = i % 2
		sign := float32(2*labels[i] - 1)
		for j := range x.Row(i) {
			x.Row(i)[j] = 0.5 + 0.05*sign
		}
		x.Row(i)[0] = 0.5 + 0.5*sign
		if i%10 >= 8 { // in a fifth of the examples element 0 says nothing
			x.Row(i)[0] = 0.5
		}
	}
	source, err := dataset.NewMemory("lines", x, labels, []string{"no", "yes"})
	if err != nil {
		panic(err)
	}
	return source
}

// TestAdversarialIsRobust: at a radius of 0.2 the eleven elements are turned
// over and the first is not, so that four fifths is the most that any classifier
// keeps of lines. One that was trained on lines as they are keeps less.
func TestAdversarialIsRobust(t *testing.T) {
	source := lines(400)
	robust := func(a *train.Adversarial) (float64, *train.Result) {
		model := &modelfile.Model{
			Net: nn.Sequential[float32]{nn.NewLinear[float32](12, 2, rand.New(rand.NewPCG(3, 0)))}, Input: []int{12}, Classes: []string{"no", "yes"},
			Preprocess: modelfile.Standardize([]float64{0.5}, []float64{0.25}),
		}
		result := fit(t, model, train.Config{Train: source, BatchSize: 20, Epochs: 20, Step: optim.AdamStep[float32](0.02), Adversarial: a})
		metrics, err := train.EvaluateAttacked(t.Context(), model, source, attack.FGSM(attack.LInf(0.2), attack.Unit()))
		if err != nil {
			t.Fatal(err)
		}
		return metrics.Accuracy, result
	}
	a := &train.Adversarial{Attack: attack.FGSM(attack.LInf(0.2), attack.Unit()), WarmUp: 50}
	natural, _ := robust(nil)
	trained, result := robust(a)
	if trained < 0.79 || natural > 0.5 {
		t.Errorf("robust accuracy %v trained on lines as they are, %v on attacked ones: want little and 0.8", natural, trained)
	}
	if last := result.History.Epochs[19].Train.Accuracy; math.Abs(last-trained) > 0.05 {
		t.Errorf("accuracy of the last epoch %v: want that under attack, %v", last, trained)
	}
}

func TestAdversarialErrors(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*train.Adversarial)
		want   string
	}{
		"targeted": {func(a *train.Adversarial) { a.Attack.Targeted = true }, "a targeted attack"},
		"warm-up":  {func(a *train.Adversarial) { a.WarmUp = -1 }, "-1 steps"},
		"radius":   {func(a *train.Adversarial) { a.Attack.Ball.Radius = -1 }, "the radius is -1"},
		"outside":  {func(a *train.Adversarial) { a.Attack.Box = attack.Box{Lo: -50, Hi: 1} }, "want all in the box [-50, 1]"},
	} {
		config := newConfig()
		config.Adversarial = searched(0.1, 0)
		c.change(config.Adversarial)
		_, fitting := train.Fit(t.Context(), newModel(1), config)
		_, evaluating := train.EvaluateAttacked(t.Context(), newModel(1), config.Train, config.Adversarial.Attack)
		if name == "warm-up" {
			evaluating = fitting
		}
		for _, err := range []error{fitting, evaluating} {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: error %v, want %q", name, err, c.want)
			}
		}
	}
}

// TestAdversarialDivergence: weights that are not finite are said to be so, not
// that the attack failed.
func TestAdversarialDivergence(t *testing.T) {
	config := newConfig()
	config.Adversarial = searched(0.1, 0)
	model := newModel(1)
	model.Net.(nn.Sequential[float32])[4].(*nn.Linear[float32]).Weight.Value.Data[0] = float32(math.NaN())
	_, err := train.Fit(t.Context(), model, config)
	var diverged *train.DivergenceError
	if !errors.As(err, &diverged) || diverged.Where != "parameter 4.weight" {
		t.Errorf("error %v", err)
	}
}

// TestAdversarialInterrupted: a context that ends in the middle of an attack
// leaves the state before the step.
func TestAdversarialInterrupted(t *testing.T) {
	config := newConfig()
	config.Adversarial = searched(0.1, 0)
	config.Adversarial.Attack.Iterations = 1 << 30
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := train.Fit(ctx, newModel(1), config)
	var stopped *train.InterruptedError
	if !errors.As(err, &stopped) || stopped.Step != 0 {
		t.Errorf("error %v", err)
	}
}
