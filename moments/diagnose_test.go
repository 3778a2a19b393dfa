package moments_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/moments"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// A deep ReLU network as PyTorch draws it loses its signal; one with weights
// chosen from the propagation keeps it.
func Example() {
	var model nn.Sequential[float32]
	rng := rand.New(rand.NewPCG(1, 1))
	for range 6 {
		model = append(model, nn.NewLinear[float32](256, 256, rng), nn.ReLU[float32]{})
	}
	in := moments.Standard(256)
	table, err := moments.Propagate(model, in, moments.Training)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range table.Diagnose() {
		fmt.Println(f.Cause, "from layer", f.Path)
	}
	err = moments.Initialize(model, rng, moments.Preserve[float32](in))
	if err != nil {
		fmt.Println(err)
		return
	}
	table, _ = moments.Propagate(model, in, moments.Training)
	fmt.Printf("%.3f\n", table.Rows[11].Predicted.Variance) // of the last linear layer
	// Output:
	// vanishing from layer 2
	// correlated inputs from layer 8
	// vanishing gradient from layer input
	// 1.000
}

func TestDiagnose(t *testing.T) {
	const width = 64
	dead := stack(2, width, nn.ReLU[float32]{})
	first := dead[0].(*nn.Linear[float32])
	first.Bias = nn.NewParam[float32](width)
	first.Bias.Value.Fill(-100)
	batch := normal(4, 64, width)
	for _, c := range []struct {
		name   string
		model  layer
		scheme moments.Scheme[float32]
		row    int
		want   moments.Cause
	}{
		{"default", stack(12, width, nn.ReLU[float32]{}), nil, 3, moments.Vanishing},
		{"default", stack(12, width, nn.ReLU[float32]{}), nil, 0, moments.VanishingGradient},
		{"too large", stack(12, width, nn.ReLU[float32]{}), moments.Fan[float32](moments.FanIn, 3, false), 3, moments.Exploding},
		{"too large", stack(12, width, nn.ReLU[float32]{}), moments.Fan[float32](moments.FanIn, 3, false), 0, moments.ExplodingGradient},
		{"sigmoid", stack(3, width, nn.Sigmoid[float32]{}), moments.He[float32](), 4, moments.MeanDrift},
		{"dead", dead, nil, 2, moments.DeadUnits},
	} {
		if c.scheme != nil {
			initialize(t, c.model, c.scheme)
		}
		table, err := moments.Measure(c.model, batch, moments.Training, newRand())
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, f := range table.Diagnose() {
			found = found || f.Cause == c.want && f.Row == c.row && f.Advice != "" && f.Text != ""
		}
		if !found {
			t.Errorf("%s: got\n%vwant %s at row %d", c.name, table.Diagnose(), c.want, c.row)
		}
	}
	deep := stack(40, width, nn.ReLU[float32]{})
	initialize(t, deep, moments.Preserve[float32](moments.Standard(width)))
	if d := propagate(t, deep, width).Diagnose(); len(d) != 1 || d[0].Cause != moments.Correlated {
		t.Errorf("a deep ReLU network that keeps its variance: got %v, want correlated inputs alone", d)
	}
	good := stack(6, width, nn.Tanh[float32]{})
	initialize(t, good, moments.Preserve[float32](moments.Standard(width)))
	table := propagate(t, good, width)
	if d := table.Diagnose(); len(d) != 0 || !strings.Contains(d.String(), "nothing departs") {
		t.Errorf("a good network: got %v", d)
	}
	if text := table.String(); strings.Count(text, "\n") != 13 || !strings.Contains(text, "tanh") {
		t.Errorf("table:\n%s", text)
	}
}

func TestOf(t *testing.T) {
	x := normal(5, 400, 2, 3, 3)
	for i := range x.Data {
		if i%9 < 3 { // the first row of each image
			x.Data[i] = 2*x.Data[i] + 1
		}
	}
	m, err := moments.Of(x)
	if err != nil {
		t.Fatal(err)
	}
	for p, c := range m.Cells {
		mean, variance := 0.0, 1.0
		if p < 3 {
			mean, variance = 1, 4
		}
		if !near(c.Mean, mean, 0, 0.3) || !near(c.Variance, variance, 0.15, 0) || c.Covariance > 0.05 {
			t.Errorf("place %d: got %+v, want mean %v, variance %v", p, c, mean, variance)
		}
	}
	for _, bad := range []*tensor.Tensor[float32]{tensor.New[float32](1, 3), tensor.New[float32](3), tensor.New[float32](4, 0)} {
		if _, err := moments.Of(bad); err == nil {
			t.Errorf("shape %v: got no error", bad.Shape)
		}
	}
}
