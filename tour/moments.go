package tour

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/moments"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/train"
)

func nodeStatistics() Chapter {
	return Chapter{
		Slug:     "node-statistics",
		Question: "Will a network of thirty layers train, and with which initial weights?",
		About: "Thirty linear layers of 256 units are drawn in three ways. The closed form follows the variance of the pre-activations from layer to layer; a batch of noise measures it. " +
			"Then thirty narrower layers learn the digits from PyTorch's default weights, and from weights whose variance the same closed form chose.",
		Try: "gradus stats mlp:256x50",
		run: func(ctx context.Context, lab *Lab) (*finding, error) { return deep{lab}.run(ctx) },
	}
}

// The network of the chapter.
const (
	deepLayers = 30
	deepWidth  = 256
)

type deep struct{ lab *Lab }

// drawing is one way to draw the weights.
type drawing struct {
	name       string
	activation nn.Layer[float32]
	scheme     moments.Scheme[float32] // nil for PyTorch's default
}

func (d deep) run(ctx context.Context) (*finding, error) {
	ways := []drawing{
		{"PyTorch's default under ReLU", nn.ReLU[float32]{}, nil},
		{"Xavier under ReLU", nn.ReLU[float32]{}, moments.Xavier[float32]()},
		{"propagated for tanh", nn.Tanh[float32]{}, moments.Preserve[float32](moments.Standard(deepWidth))},
	}
	// One draw moves the logarithm of each layer's variance by about
	// √(5/width), as the fourth moment of a rectified normal has it.
	deviation := math.Sqrt(5.*deepLayers/deepWidth) / math.Ln10
	f := &finding{}
	panel := report.Panel{Y: "variance of pre-activations", LogY: true, Legend: report.BottomLeft}
	for i, way := range ways {
		d.lab.say("%s", way.name)
		predicted, measured, err := d.variances(way, uint64(i))
		if err != nil {
			return nil, err
		}
		last := len(predicted.Y) - 1
		f.figures = append(f.figures, near(fmt.Sprintf("log₁₀ of the variance at layer %d, %s", deepLayers, way.name), "%.2f",
			math.Log10(predicted.Y[last]), math.Log10(measured.Y[last]), 4*deviation, "4 deviations over draws of the weights"))
		panel.Lines = append(panel.Lines, measured, predicted)
	}
	fixed, err := d.fixed()
	if err != nil {
		return nil, err
	}
	trained, err := d.train(ctx)
	if err != nil {
		return nil, err
	}
	f.figures = append(append(f.figures, fixed), trained...)
	f.pictures = []Picture{{"depth", report.Captioned{
		Picture: report.Figure{Title: "thirty layers of 256 units", X: "layer", Panels: []report.Panel{panel}},
		Caption: "The variance of the pre-activations from layer to layer: points are measured on a batch, dashed lines predicted.",
	}}}
	f.verdict = "PyTorch's default weights vanish and learn nothing at this depth; weights from the propagated variance learn"
	return f, nil
}

// variances returns the variances of the pre-activations, layer by layer.
func (d deep) variances(way drawing, stream uint64) (predicted, measured report.Line, err error) {
	rng := d.lab.rand(1, stream)
	model, err := stack(way, deepWidth, deepWidth, deepWidth, rng)
	if err != nil {
		return predicted, measured, err
	}
	table, err := moments.Measure(nn.Layer[float32](model), noise(512, deepWidth, rng), moments.Training, rng)
	if err != nil {
		return predicted, measured, err
	}
	predicted, measured = report.Line{Dashed: true, Same: true}, report.Line{Name: way.name, Markers: true}
	for _, row := range table.Rows {
		if row.Kind != "linear" {
			continue
		}
		layer := float64(len(predicted.X) + 1)
		predicted.X, predicted.Y = append(predicted.X, layer), append(predicted.Y, row.Predicted.Variance)
		measured.X, measured.Y = append(measured.X, layer), append(measured.Y, row.Measured.Variance)
	}
	return predicted, measured, nil
}

// noise is a batch of standard normal numbers.
func noise(n, width int, rng *rand.Rand) *tensor.Tensor[float32] {
	x := tensor.New[float32](n, width)
	tensor.Normal(x, rng, 0, 1)
	return x
}

// stack is a network of deepLayers linear layers, with the activation between
// them.
func stack(way drawing, in, width, out int, rng *rand.Rand) (nn.Sequential[float32], error) {
	var model nn.Sequential[float32]
	for i := range deepLayers {
		from, to := width, width
		if i == 0 {
			from = in
		} else {
			model = append(model, way.activation)
		}
		if i == deepLayers-1 {
			to = out
		}
		model = append(model, nn.NewLinear[float32](from, to, rng))
	}
	if way.scheme == nil {
		return model, nil
	}
	return model, moments.Initialize(nn.Layer[float32](model), rng, way.scheme)
}

// fixed holds the prediction for the very weights that were drawn against a
// large batch, at layer 10.
func (d deep) fixed() (Figure, error) {
	const layer = 10
	d.lab.say("following %d × %d covariances through %d layers", deepWidth, deepWidth, layer)
	rng := d.lab.rand(1, 10)
	model, err := stack(drawing{activation: nn.ReLU[float32]{}, scheme: moments.He[float32]()}, deepWidth, deepWidth, deepWidth, rng)
	if err != nil {
		return Figure{}, err
	}
	model = model[:2*layer-1]
	table, err := moments.PropagateFixed(nn.Layer[float32](model), moments.Standard(deepWidth), moments.Training)
	if err != nil {
		return Figure{}, err
	}
	batch, err := moments.Measure(nn.Layer[float32](model), noise(4096, deepWidth, rng), moments.Training, rng)
	if err != nil {
		return Figure{}, err
	}
	last := len(table.Rows) - 1
	predicted := table.Rows[last].Predicted.SecondMoment()
	return near(fmt.Sprintf("second moment at layer %d for the weights drawn, He under ReLU", layer), "%.4f",
		predicted, batch.Rows[last].Measured.SecondMoment(), 0.03*predicted, "3%"), nil
}

// train shows the digits to two deep networks. Outputs that do not depend on
// the input lose log 10 at least.
func (d deep) train(ctx context.Context) ([]Figure, error) {
	const width, steps = 128, 150
	learn, test, err := d.lab.digits(ctx)
	if err != nil {
		return nil, err
	}
	size := learn.Info().Size()
	loss := func(way drawing) (float64, error) {
		net, err := stack(way, size, width, len(learn.Info().Classes), d.lab.rand(1, 20))
		if err != nil {
			return 0, err
		}
		model, err := d.lab.model(ctx, nn.Sequential[float32]{nn.Flatten[float32]{}, net}, learn)
		if err != nil {
			return 0, err
		}
		if err := d.lab.fit(ctx, model, learn, train.Config{Steps: steps, Step: optim.AdamStep[float32](5e-4)}); err != nil {
			return 0, err
		}
		metrics, err := train.Evaluate(ctx, model, test)
		if err != nil {
			return 0, err
		}
		return metrics.Loss, nil
	}
	vanished, err := loss(drawing{activation: nn.ReLU[float32]{}})
	if err != nil {
		return nil, err
	}
	preserved, err := loss(drawing{activation: nn.ReLU[float32]{}, scheme: moments.Preserve[float32](moments.Standard(size))})
	if err != nil {
		return nil, err
	}
	return []Figure{
		near("loss from PyTorch's default after training; log 10 is that of a constant answer", "%.3f", math.Ln10, vanished, 0.05, "0.05 nats"),
		atMost("loss from propagated weights after as many steps; the bound is half of that", "%.3f", math.Ln10/2, preserved, "an upper bound"),
	}, nil
}
