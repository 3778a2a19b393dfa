package reproduce

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/moments"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/tensor"
)

// initialisation holds predicted moments against measured ones, and what
// Preserve promises.
func initialisation() Experiment {
	return Experiment{
		Name:  "initialisation",
		Title: "Mean and variance through fifty layers",
		About: "Networks of 50 linear layers of width 256 on standard normal inputs, and no training. First the fates of customary schemes, without biases: the variance at layer 50 that is predicted, and the median of eight draws measured (a draw departs from the prediction by a factor under ReLU, and by powers of ten under GELU, which multiplies deviations; under tanh they die out). Then `Preserve`: how far the second moment of a layer of weights departs from 1, predicted, and measured on fresh inputs for `PreserveFixed`, which takes the weights as drawn. Last, 20 ReLU layers of 1024 units: the prediction for the very weights against a measurement.",
		Run: func(ctx context.Context, lab *Lab) ([]Figure, error) {
			figures, err := fates(ctx, lab)
			if err != nil {
				return nil, err
			}
			kept, err := preserved(ctx, lab)
			if err != nil {
				return nil, err
			}
			wide, err := wideLayers(ctx, lab)
			return append(append(figures, kept...), wide...), err
		},
	}
}

const (
	deepLayers = 50
	deepWidth  = 256
)

// deepStack is linear layers of one width, an activation between two.
func deepStack(layers, width int, activation string, rng *rand.Rand) (nn.Sequential[float32], error) {
	return nn.Parse[float32](fmt.Sprintf("mlp:%dx%d;act=%s", width, layers-1, activation), []int{width}, width, rng)
}

// withoutBiases takes the biases of linear layers away.
func withoutBiases(model nn.Sequential[float32]) {
	for _, l := range model {
		if l, ok := l.(*nn.Linear[float32]); ok {
			l.Bias = nil
		}
	}
}

func normalInputs(examples, width int, rng *rand.Rand) *tensor.Tensor[float32] {
	x := tensor.New[float32](examples, width)
	tensor.Normal(x, rng, 0, 1)
	return x
}

// weighing are the rows of layers of weights.
func weighing(t *moments.Table) []moments.Row {
	var rows []moments.Row
	for _, r := range t.Rows {
		if r.Weighs() {
			rows = append(rows, r)
		}
	}
	return rows
}

// fate is a customary scheme, the band that the variance at the last layer is
// known to lie in, and the wider one that a median of eight draws must.
type fate struct {
	name, activation, scheme, format string
	low, high                        float64
	lowest, highest                  float64
	known                            string
}

func allFates() []fate {
	return []fate{
		{"ReLU, PyTorch's default", "relu", "default", "%.1e", 1e-40, 1e-38, 1e-40, 3e-38, "about 1e-39"},
		{"ReLU, He", "relu", "he", "%.2f", 0.5, 2.1, 0.2, 5, "near 1"},
		{"GELU, He", "gelu", "he", "%.1e", 1e-12, 1e-10, 1e-14, 1e-6, "about 1e-11"},
		{"tanh, gain 5/3", "tanh", "lecun:1.6666667", "%.3f", 1.10, 1.22, 1.10, 1.22, "1.14"},
	}
}

func fates(ctx context.Context, lab *Lab) ([]Figure, error) {
	const draws, examples = 8, 250
	picture := report.Figure{Title: "variance through 50 layers of width 256", X: "layer"}
	var figures []Figure
	for i, c := range allFates() {
		measured, predicted := report.Line{Name: "measured", Markers: true}, report.Line{Name: "predicted", Dashed: true}
		for l := range deepLayers {
			measured.X = append(measured.X, float64(l+1))
			predicted.X, predicted.Y = append(predicted.X, float64(l+1)), append(predicted.Y, 0)
		}
		variances := make([][]float64, deepLayers) // of every draw
		for d := range draws {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			lab.Say(fmt.Sprintf("%s: draw %d of %d", c.name, d+1, draws))
			rng := rand.New(rand.NewPCG(lab.Seed, uint64(100*i+d)))
			model, err := deepStack(deepLayers, deepWidth, c.activation, rng)
			if err != nil {
				return nil, err
			}
			scheme, err := moments.SchemeNamed[float32](c.scheme, nil)
			if err != nil {
				return nil, err
			}
			if err := moments.Initialize(model, rng, scheme); err != nil {
				return nil, err
			}
			withoutBiases(model)
			table, err := moments.Measure(model, normalInputs(examples, deepWidth, rng), moments.Training, rng)
			if err != nil {
				return nil, err
			}
			for l, r := range weighing(table) {
				variances[l] = append(variances[l], r.Measured.Variance)
				predicted.Y[l] += r.Predicted.Variance / draws
			}
		}
		for _, of := range variances {
			slices.Sort(of)
			measured.Y = append(measured.Y, (of[draws/2-1]+of[draws/2])/2)
		}
		last := deepLayers - 1
		figures = append(figures,
			Between(c.name+": variance at layer 50, predicted", predicted.Y[last], c.format, c.low, c.high, c.known),
			Between(c.name+": measured, median of 8 draws", measured.Y[last], c.format, c.lowest, c.highest, ""))
		picture.Panels = append(picture.Panels, report.Panel{Y: c.name, LogY: true, Lo: 0.1, Hi: 10, Legend: report.TopRight, Lines: []report.Line{measured, predicted}})
	}
	lab.Draw("initialisation.svg", "Variance of the outputs of each linear layer under four customary schemes, median of eight draws, and the prediction.", picture)
	return figures, nil
}

// preserved is how far second moments depart from 1, under every activation
// that a text can name.
func preserved(ctx context.Context, lab *Lab) ([]Figure, error) {
	const examples = 2000
	in, promised := moments.Standard(deepWidth), 0.0
	var figures []Figure
	for i, activation := range []string{"relu", "leakyrelu", "gelu", "silu", "tanh", "sigmoid", "softplus"} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		lab.Say("Preserve and PreserveFixed under " + activation)
		rng := rand.New(rand.NewPCG(lab.Seed, uint64(1000+i)))
		model, err := deepStack(deepLayers, deepWidth, activation, rng)
		if err != nil {
			return nil, err
		}
		if err := moments.Initialize(model, rng, moments.Preserve[float32](in)); err != nil {
			return nil, err
		}
		table, err := moments.Propagate(model, in, moments.Training)
		if err != nil {
			return nil, err
		}
		for _, r := range weighing(table) {
			promised = max(promised, math.Abs(r.Predicted.SecondMoment()-1))
		}
		if err := moments.Initialize(model, rng, moments.PreserveFixed[float32](in)); err != nil {
			return nil, err
		}
		if table, err = moments.Measure(model, normalInputs(examples, deepWidth, rng), moments.Training, rng); err != nil {
			return nil, err
		}
		worst := 0.0
		for _, r := range weighing(table) {
			worst = max(worst, math.Abs(r.Measured.SecondMoment()-1))
		}
		figures = append(figures, AtMost("PreserveFixed under "+activation+": departure from 1, measured, worst of 50 layers", worst, "%.3f", 0.05, ""))
	}
	return append([]Figure{AtMost("Preserve: departure from 1, predicted, worst of 50 layers and 7 activations", promised, "%.1e", 0.05, "1 ± 0.05 asked")}, figures...), nil
}

// wideLayers holds the prediction for fixed weights against a measurement.
func wideLayers(ctx context.Context, lab *Lab) ([]Figure, error) {
	const layers, width, examples = 20, 1024, 500
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	lab.Say("20 ReLU layers of 1024 units: following every two units")
	rng := rand.New(rand.NewPCG(lab.Seed, 2000))
	model, err := deepStack(layers, width, "relu", rng)
	if err != nil {
		return nil, err
	}
	if err := moments.Initialize(model, rng, moments.He[float32]()); err != nil {
		return nil, err
	}
	fixed, err := moments.PropagateFixed(model, moments.Standard(width), moments.Training)
	if err != nil {
		return nil, err
	}
	table, err := moments.Measure(model, normalInputs(examples, width, rng), moments.Training, rng)
	if err != nil {
		return nil, err
	}
	var ten, all, draws float64 // the worst so far
	for l, r := range weighing(table) {
		off := func(predicted float64) float64 { return 100 * math.Abs(predicted/r.Measured.Variance-1) }
		all = max(all, off(weighing(fixed)[l].Predicted.Variance))
		if l < 10 {
			ten = all
			draws = max(draws, off(r.Predicted.Variance))
		}
	}
	return []Figure{
		AtMost("20 ReLU layers of 1024: predicted variance off the measured, layers 1 to 10", ten, "%.2f%%", 2, fmt.Sprintf("%.1f%% for the mean over draws", draws)),
		Shown("the same, layers 1 to 20", all, "%.2f%%", ""),
	}, nil
}
