package tour

import (
	"context"
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/tensor"
)

func normalisedLinear() Chapter {
	return Chapter{
		Slug:     "normalised-linear",
		Question: "If a layer divides by the norm of its weights, what does their size still do?",
		About: "A network whose hidden layer is normalised learns the digits by plain gradient descent. Its outputs do not depend on the size of a row of weights and bias, so the gradient is orthogonal to the row, and every step lengthens it by Pythagoras. " +
			"A second run starts with rows ten times as long and takes steps a hundred times as large: the same run.",
		Try: "gradus problems show normalised-linear",
		run: func(ctx context.Context, lab *Lab) (*finding, error) { return normalised{lab}.run(ctx) },
	}
}

// The network of the chapter, and its training.
const (
	normalisedUnits = 32
	normalisedSteps = 150
	normalisedBatch = 64
	normalisedRate  = 0.5
	normalisedScale = 10
)

type normalised struct{ lab *Lab }

func (c normalised) run(ctx context.Context) (*finding, error) {
	learn, test, err := c.lab.digits(ctx)
	if err != nil {
		return nil, err
	}
	one, err := c.train(ctx, learn, test, 1)
	if err != nil {
		return nil, err
	}
	other, err := c.train(ctx, learn, test, normalisedScale)
	if err != nil {
		return nil, err
	}
	last := normalisedSteps
	lengths := report.Panel{Y: "mean squared length of a row", Legend: report.TopLeft, Lines: []report.Line{
		{Name: "measured", X: one.steps, Y: one.lengths}, {Name: "Pythagoras", X: one.steps, Y: one.predicted, Dashed: true},
	}}
	loss := report.Panel{Y: "loss (nats)", Legend: report.TopRight, Lines: []report.Line{
		{Name: "rows of length about 1", X: one.steps[1:], Y: one.losses}, {Name: "ten times as long, rate × 100", X: other.steps[1:], Y: other.losses, Dashed: true},
	}}
	return &finding{
		figures: []Figure{
			near("relative change of outputs when rows become 1000 times as long", "%.0e", 0, one.scaled, 1e-12, "rounding"),
			near("largest cosine between a row and its gradient, over all steps", "%.0e", 0, one.cosine, 1e-9, "rounding"),
			near("mean squared length of a row at the end, beside Pythagoras", "%.6f", one.predicted[last], one.lengths[last], 1e-9*one.predicted[last], "rounding"),
			near("largest difference of a loss between the two runs", "%.0e", 0, apart(one.losses, other.losses), 1e-8, "rounding, as it grows by training"),
		},
		pictures: []Picture{{"normalised", report.Captioned{
			Picture: report.Figure{Title: "a normalised layer under plain gradient descent", X: "step", Panels: []report.Panel{lengths, loss}},
			Caption: "Rows only grow, each step adding its squared length; and a run of rows ten times as long is the same run at a hundred times the rate.",
		}}},
		verdict: fmt.Sprintf("the size of weights is free: it only sets the rate; trained, the network reads %.0f%% of unseen digits", 100*one.accuracy),
	}, nil
}

// normalisedRun is what one training run did.
type normalisedRun struct {
	steps, lengths, predicted, losses []float64
	scaled, cosine, accuracy          float64
}

// train learns from the digits with rows of the first layer that start
// scale times as long, at a rate for them that fits.
func (c normalised) train(ctx context.Context, learn, test *digits, scale float64) (*normalisedRun, error) {
	rng := c.lab.rand(9)
	layer := nn.NewNormalizedLinear[float64](784, normalisedUnits, rng)
	net := nn.Sequential[float64]{layer, nn.Tanh[float64]{}, nn.NewLinear[float64](normalisedUnits, 10, rng)}
	stretch(layer, scale)
	step := optim.SGDStep[float64](normalisedRate)
	rows := optim.SGDStep[float64](normalisedRate * scale * scale)
	opt, err := optim.New(nn.Params[float64](net), step, optim.Group[float64]{Match: "0.*", Step: rows})
	if err != nil {
		return nil, err
	}
	pass := &nn.Pass[float64]{Tape: autodiff.NewTape[float64](), Train: true}
	x, labels := tensor.New[float64](normalisedBatch, 784), make([]int, normalisedBatch)
	r := &normalisedRun{steps: []float64{0}, lengths: []float64{squared(layer.Weight.Value, layer.Bias.Value)}}
	r.predicted = []float64{r.lengths[0]}
	order := c.lab.rand(9, 1)
	for t := range normalisedSteps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i := range labels {
			at := order.IntN(learn.Len())
			widen(x.Row(i), learn.x.Row(at))
			labels[i] = learn.labels[at]
		}
		pass.Tape.Reset()
		loss := losses.CrossEntropy(net.Forward(pass, pass.Tape.Constant(x)), labels, losses.CrossEntropyOptions{})
		pass.Tape.Backward(loss)
		r.losses = append(r.losses, loss.Value.Data[0])
		c.lab.say("training a normalised layer: step %d of %d, loss %.2f", t, normalisedSteps, loss.Value.Data[0])
		r.cosine = max(r.cosine, largestCosine(layer))
		move := normalisedRate * scale * scale
		r.predicted = append(r.predicted, r.predicted[t]+move*move*squared(layer.Weight.Grad, layer.Bias.Grad))
		if err := opt.Step(); err != nil {
			return nil, err
		}
		r.steps, r.lengths = append(r.steps, float64(t+1)), append(r.lengths, squared(layer.Weight.Value, layer.Bias.Value))
	}
	r.scaled, r.accuracy = c.judge(net, layer, test)
	return r, nil
}

// judge returns by how much outputs change when rows become longer, and the
// share of digits that are read right.
func (c normalised) judge(net nn.Sequential[float64], layer *nn.NormalizedLinear[float64], test *digits) (scaled, accuracy float64) {
	const n = 1000
	x := tensor.New[float64](n, 784)
	widen(x.Data, test.x.Data[:len(x.Data)])
	outputs := func() losses.Table {
		pass := &nn.Pass[float64]{Tape: autodiff.NewTape[float64]()}
		return losses.Table{Classes: 10, Data: net.Forward(pass, pass.Tape.Constant(x)).Value.Data}
	}
	before := outputs()
	stretch(layer, 1000)
	after := outputs()
	largest := 0.
	for i, v := range before.Data {
		largest, scaled = max(largest, math.Abs(v)), max(scaled, math.Abs(after.Data[i]-v))
	}
	for i, k := range before.Argmax() {
		if k == test.labels[i] {
			accuracy += 1. / n
		}
	}
	return scaled / largest, accuracy
}

// stretch multiplies every row, with its bias.
func stretch(l *nn.NormalizedLinear[float64], scale float64) {
	for _, p := range []*nn.Param[float64]{l.Weight, l.Bias} {
		for i := range p.Value.Data {
			p.Value.Data[i] *= scale
		}
	}
}

func widen(dst []float64, src []float32) {
	for i, v := range src {
		dst[i] = float64(v)
	}
}

// squared is the mean over units of the squared length of (w, b).
func squared(parts ...*tensor.Tensor[float64]) float64 {
	sum := 0.
	for _, p := range parts {
		for _, v := range p.Data {
			sum += v * v
		}
	}
	return sum / normalisedUnits
}

// largestCosine is that between a row (w, b) and its gradient.
func largestCosine(l *nn.NormalizedLinear[float64]) float64 {
	largest := 0.
	for i := range normalisedUnits {
		dot, rows, slopes := 0., 0., 0.
		add := func(v, g float64) { dot, rows, slopes = dot+v*g, rows+v*v, slopes+g*g }
		for j, v := range l.Weight.Value.Row(i) {
			add(v, l.Weight.Grad.Row(i)[j])
		}
		add(l.Bias.Value.Data[i], l.Bias.Grad.Data[i])
		if slopes > 0 {
			largest = max(largest, math.Abs(dot)/math.Sqrt(rows*slopes))
		}
	}
	return largest
}

// apart is the largest difference of two series.
func apart(a, b []float64) float64 {
	largest := 0.
	for i, v := range a {
		largest = max(largest, math.Abs(v-b[i]))
	}
	return largest
}
