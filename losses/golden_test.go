package losses_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/tensor"
)

// goldenLoss is a case of PyTorch's, made by bench/peers/golden.py.
type goldenLoss struct {
	Name, DType, Loss, Reduction string
	X, Targets                   struct {
		Shape []int
		Data  []float64
	}
	Labels    []int
	Weights   []float64
	Smoothing float64
	Value     float64
	Grad      []float64
}

func TestLossesAgainstPyTorch(t *testing.T) {
	text, err := os.ReadFile("testdata/losses.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []goldenLoss
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.DType+"/"+c.Loss+"/"+c.Name, func(t *testing.T) {
			if c.DType == "float32" {
				checkGoldenLoss[float32](t, c, 1e-5)
			} else {
				checkGoldenLoss[float64](t, c, 1e-12)
			}
		})
	}
}

func checkGoldenLoss[F tensor.Float](t *testing.T, c goldenLoss, tolerance float64) {
	how := map[string]losses.Reduction{"mean": losses.MeanReduction, "sum": losses.SumReduction}[c.Reduction]
	o := losses.CrossEntropyOptions{Weights: c.Weights, Smoothing: c.Smoothing, Reduction: how}
	tape := autodiff.NewTape[F]()
	x := tape.Variable(tensor.Convert[F](tensor.From(c.X.Data, c.X.Shape...)))
	targets := tensor.Convert[F](&tensor.Tensor[float64]{Shape: c.Targets.Shape, Data: c.Targets.Data})
	var loss *autodiff.Var[F]
	switch c.Loss {
	case "cross_entropy":
		loss = losses.CrossEntropy(x, c.Labels, o)
	case "cross_entropy_soft":
		loss = losses.CrossEntropySoft(x, targets, o)
	case "mse":
		loss = losses.MSE(x, targets, how)
	case "binary_cross_entropy":
		loss = losses.BinaryCrossEntropy(x, targets, how)
	default:
		t.Fatalf("unknown loss %q", c.Loss)
	}
	tape.Backward(loss)
	if got := float64(loss.Value.Data[0]); !(math.Abs(got-c.Value) <= tolerance*math.Abs(c.Value)) {
		t.Errorf("got %v, want %v", got, c.Value)
	}
	size := 0.0
	for _, g := range c.Grad {
		size = max(size, math.Abs(g))
	}
	for i, want := range c.Grad {
		if got := float64(x.Grad.Data[i]); !(math.Abs(got-want) <= tolerance*size) {
			t.Errorf("gradient %d: got %v, want %v", i, got, want)
		}
	}
}
