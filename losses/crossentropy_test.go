package losses_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/tensor"
)

func ExampleCrossEntropy() {
	tape := autodiff.NewTape[float64]()
	logits := tape.Variable(tensor.From([]float64{0, 0, 1000, 0}, 2, 2))
	loss := losses.CrossEntropy(logits, []int{0, 0}, losses.CrossEntropyOptions{})
	tape.Backward(loss)
	fmt.Printf("%.4f %.2f\n", loss.Value.Data[0], logits.Grad.Data)
	// Output: 0.3466 [-0.25 0.25 0.00 0.00]
}

// TestCrossEntropyExtremes holds values and gradients against what they are on
// paper, where the plain formulas overflow, cancel or divide 0 by 0.
func TestCrossEntropyExtremes(t *testing.T) {
	inf, nan, tiny := math.Inf(1), math.NaN(), math.Exp(-40)
	for _, c := range []struct {
		name   string
		logits []float64
		label  int
		o      losses.CrossEntropyOptions
		loss   float64
		grad   []float64
	}{
		{"huge and right", []float64{1000, 0}, 0, losses.CrossEntropyOptions{}, 0, []float64{0, 0}},
		{"huge and wrong", []float64{1000, 0}, 1, losses.CrossEntropyOptions{}, 1000, []float64{1, -1}},
		{"near 0", []float64{40, 0}, 0, losses.CrossEntropyOptions{}, tiny, []float64{-tiny, tiny}},
		{"lowest", []float64{-math.MaxFloat64, -math.MaxFloat64}, 0, losses.CrossEntropyOptions{}, math.Ln2, []float64{-0.5, 0.5}},
		{"masked class", []float64{0, -inf, 0}, 0, losses.CrossEntropyOptions{}, math.Ln2, []float64{-0.5, 0, 0.5}},
		{"masked label", []float64{0, -inf}, 1, losses.CrossEntropyOptions{}, inf, []float64{1, -1}},
		{"smoothed mask of weight 0", []float64{0, -inf, 0}, 0, losses.CrossEntropyOptions{Smoothing: 0.3, Weights: []float64{1, 0, 1}}, math.Ln2 * 0.9, []float64{-0.35, 0, 0.35}},
		{"label of weight 0", []float64{3, 1}, 0, losses.CrossEntropyOptions{Weights: []float64{0, 1}}, 0, []float64{0, 0}},
		{"ignored", []float64{nan, 1}, losses.Ignore, losses.CrossEntropyOptions{}, 0, []float64{0, 0}},
		{"NaN at the label", []float64{nan, 1}, 0, losses.CrossEntropyOptions{}, nan, []float64{nan, nan}},
		{"NaN elsewhere", []float64{1, nan}, 0, losses.CrossEntropyOptions{}, nan, []float64{nan, nan}},
		{"NaN under weight 0", []float64{1, nan}, 0, losses.CrossEntropyOptions{Weights: []float64{0, 1}, Reduction: losses.SumReduction}, nan, []float64{nan, nan}},
		{"+Inf", []float64{inf, 1}, 0, losses.CrossEntropyOptions{}, nan, []float64{nan, nan}},
		{"all −Inf", []float64{-inf, -inf}, 0, losses.CrossEntropyOptions{}, nan, []float64{nan, nan}},
		{"one class", []float64{7}, 0, losses.CrossEntropyOptions{}, 0, []float64{0}},
	} {
		tape := autodiff.NewTape[float64]()
		logits := tape.Variable(tensor.From(c.logits, 1, len(c.logits)))
		loss := losses.CrossEntropy(logits, []int{c.label}, c.o)
		tape.Backward(loss)
		if !almost(loss.Value.Data[0], c.loss) {
			t.Errorf("%s: loss %v, want %v", c.name, loss.Value.Data[0], c.loss)
		}
		for i, want := range c.grad {
			if !almost(logits.Grad.Data[i], want) {
				t.Errorf("%s: gradient %v, want %v", c.name, logits.Grad.Data, c.grad)
				break
			}
		}
	}
}

// almost allows a relative error of 1e-14, and takes NaN for equal to NaN.
func almost(got, want float64) bool {
	return got == want || math.IsNaN(got) && math.IsNaN(want) || math.Abs(got-want) <= 1e-14*math.Abs(want)
}

// Weights of 1 change no bit, though none are the short way.
func TestCrossEntropyWithWeightsOfOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 0))
	for classes := 1; classes <= 12; classes++ {
		z, labels := tensor.New[float32](9, classes), make([]int, 9)
		tensor.Normal(z, rng, 0, 5)
		z.Data[rng.IntN(len(z.Data))] = float32(math.Inf(1))
		for i := range labels {
			labels[i] = rng.IntN(classes+1) - 1
		}
		weights := make([]float64, classes)
		for c := range weights {
			weights[c] = 1
		}
		run := func(o losses.CrossEntropyOptions) []float32 {
			tape := autodiff.NewTape[float32]()
			v := tape.Variable(z)
			loss := losses.CrossEntropy(v, labels, o)
			tape.Backward(loss)
			return append(slices.Clone(v.Grad.Data), loss.Value.Data[0])
		}
		plain, weighted := run(losses.CrossEntropyOptions{}), run(losses.CrossEntropyOptions{Weights: weights})
		same := func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b }
		if !slices.EqualFunc(plain, weighted, same) {
			t.Errorf("%d classes: %v without weights, %v with", classes, plain, weighted)
		}
	}
}

func TestCrossEntropyPanicsNameRowAndValue(t *testing.T) {
	for _, c := range []struct {
		labels  []int
		targets *tensor.Tensor[float32]
		o       losses.CrossEntropyOptions
		want    string
	}{
		{labels: []int{0, 3}, want: "label 3 in row 1: want one in [0, 3)"},
		{labels: []int{-2, 0}, want: "label -2 in row 0"},
		{labels: []int{0}, want: "one label for each row"},
		{labels: []int{0, 1}, o: losses.CrossEntropyOptions{Weights: []float64{1}}, want: "one weight for each class"},
		{labels: []int{0, 1}, o: losses.CrossEntropyOptions{Weights: []float64{1, -1, 0}}, want: "weight -1 of class 1"},
		{labels: []int{0, 1}, o: losses.CrossEntropyOptions{Weights: []float64{1, 0, math.NaN()}}, want: "weight NaN of class 2"},
		{labels: []int{0, 1}, o: losses.CrossEntropyOptions{Smoothing: 1.5}, want: "smoothing 1.5"},
		{targets: tensor.New[float32](2, 2), want: "targets of the same shape"},
		{targets: tensor.New[float32](2, 3), o: losses.CrossEntropyOptions{Smoothing: -1}, want: "smoothing -1"},
	} {
		text := panicText(func() {
			tape := autodiff.NewTape[float32]()
			logits := tape.Constant(tensor.New[float32](2, 3))
			if c.targets != nil {
				losses.CrossEntropySoft(logits, c.targets, c.o)
			} else {
				losses.CrossEntropy(logits, c.labels, c.o)
			}
		})
		if !strings.Contains(text, c.want) {
			t.Errorf("got panic %q, want one with %q", text, c.want)
		}
	}
}

func panicText(f func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	f()
	return "no panic"
}
