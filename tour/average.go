package tour

import (
	"context"
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/tensor"
)

func emaProximalSGD() Chapter {
	return Chapter{
		Slug:     "ema-proximal-sgd",
		Question: "How much of the noise in my gradients does averaging take away, and is weight decay a proximal step?",
		About: "Gradients of small batches are drawn again and again at the trained classifier's weights and averaged as momentum does; their spread around the gradient of all data is compared with the closed form. " +
			"Then one linear classifier learns with decoupled decay at rate ε, another by the proximal step at ε/(1 − λε): the same weights, to rounding.",
		Try: "gradus train --estimator ema:0.1 --penalty l2:1e-4 --decay proximal",
		run: func(ctx context.Context, lab *Lab) (*finding, error) { return averaged{lab}.run(ctx) },
	}
}

// How gradients are drawn: averages begin anew after so many steps.
const (
	averageSteps  = 40
	averageStarts = 100
	averageBatch  = 16
)

type averaged struct{ lab *Lab }

func (c averaged) run(ctx context.Context) (*finding, error) {
	model, learn, _, err := c.lab.classifier(ctx)
	if err != nil {
		return nil, err
	}
	weights := []float64{0.5, 0.2, 0.05}
	spreads, err := c.spreads(ctx, model, learn, weights)
	if err != nil {
		return nil, err
	}
	f := &finding{}
	panel := report.Panel{Y: "variance, of one gradient's", LogY: true, Legend: report.BottomLeft}
	steps := make([]float64, averageSteps)
	for i := range steps {
		steps[i] = float64(i + 1)
	}
	for k, q := range weights {
		predicted := make([]float64, averageSteps)
		for t := range predicted {
			predicted[t] = optim.EMA[float32]{Q: q}.Factors(t + 1).CorrectedVariance
		}
		measured := spreads[k]
		last := averageSteps - 1
		f.figures = append(f.figures, near(fmt.Sprintf("variance of an average with q = %g after %d steps, in gradients'", q, averageSteps), "%.4f",
			predicted[last], measured.mean[last], 4*measured.error, "4 standard errors"))
		panel.Lines = append(panel.Lines,
			report.Line{Name: fmt.Sprintf("q = %g", q), X: steps, Y: measured.mean, Markers: true},
			report.Line{X: steps, Y: predicted, Dashed: true, Same: true})
	}
	same, coupled, err := c.decays(ctx, learn)
	if err != nil {
		return nil, err
	}
	f.figures = append(f.figures,
		atMost("difference of weights, explicit decay at ε and proximal at ε/(1 − λε)", "%.0e", 1e-12, same, "rounding"),
		atLeast("difference of weights, explicit decay and decay inside the average", "%.0e", 1e-4, coupled, "a lower bound"))
	f.pictures = []Picture{{"average", report.Captioned{
		Picture: report.Figure{Title: "averages of a classifier's gradients", X: "steps averaged", Panels: []report.Panel{panel}},
		Caption: "The variance of bias-corrected averages with weight q on the newest gradient: points are measured on batches of sixteen digits, dashed lines are q/(2 − q) and its approach.",
	}}}
	f.verdict = fmt.Sprintf("an average with q = %g leaves %.1f%% of the variance, as predicted; explicit decay and the proximal step are one method", weights[2], 100*spreads[2].mean[averageSteps-1])
	return f, nil
}

// spread is the variance of an average after 1, 2, … steps, relative to that
// of a gradient, with the standard error of the last.
type spread struct {
	mean  []float64
	error float64
}

// spreads draws the gradients and averages them with every weight.
func (c averaged) spreads(ctx context.Context, model *modelfile.Model, learn *digits, weights []float64) ([]spread, error) {
	last, centre, err := c.gradientOfAll(ctx, model, learn)
	if err != nil {
		return nil, err
	}
	defer func() { last.Grad = nil }()
	rng := c.lab.rand(3)
	pass := &nn.Pass[float32]{Tape: autodiff.NewTape[float32](), Train: true}
	x, labels := tensor.New[float32](averageBatch, 1, 28, 28), make([]int, averageBatch)
	scratch := make([]float32, len(centre))
	noise := 0. // mean squared distance of a gradient from the centre
	squares := make([][][]float64, len(weights))
	for k := range squares {
		squares[k] = make([][]float64, averageSteps)
	}
	for start := range averageStarts {
		c.lab.say("drawing gradients: %d of %d averages", start, averageStarts)
		slots := make([][][]float32, len(weights))
		for k := range slots {
			slots[k] = [][]float32{make([]float32, len(centre))}
		}
		for t := range averageSteps {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			for i := range labels {
				at := rng.IntN(learn.Len())
				copy(x.Row(i), learn.x.Row(at))
				labels[i] = learn.labels[at]
			}
			gradient(pass, model, x, labels)
			noise += distance(last.Grad.Data, centre, 1) / (averageStarts * averageSteps)
			for k, q := range weights {
				average := optim.EMA[float32]{Q: q, Start: optim.BiasCorrected}
				out := average.Direct(optim.Block[float32]{Direction: last.Grad.Data, Times: 1, Scratch: scratch}, slots[k], optim.Now{Step: t + 1})
				squares[k][t] = append(squares[k][t], distance(out.Direction, centre, out.Times))
			}
		}
	}
	spreads := make([]spread, len(weights))
	for k := range weights {
		for t := range averageSteps {
			e, err := losses.EstimateMean(averageStarts, func(i int) float64 { return squares[k][t][i] / noise })
			if err != nil {
				return nil, err
			}
			spreads[k].mean, spreads[k].error = append(spreads[k].mean, e.Mean), e.StandardError
		}
	}
	return spreads, nil
}

// gradientOfAll returns the last matrix of weights and its gradient over all
// data, which is the mean of those of batches drawn from them.
func (c averaged) gradientOfAll(ctx context.Context, model *modelfile.Model, learn *digits) (last *nn.Param[float32], centre []float32, err error) {
	for _, p := range nn.Params[float32](model.Net) {
		if len(p.Value.Shape) == 2 {
			last = p
		}
	}
	pass := &nn.Pass[float32]{Tape: autodiff.NewTape[float32](), Train: true}
	sum := make([]float64, len(last.Value.Data))
	for batch, err := range (dataset.Loader{Source: learn, BatchSize: 500}).Batches(ctx, 0, 0) {
		if err != nil {
			return nil, nil, err
		}
		gradient(pass, model, batch.X, batch.Labels)
		for i, g := range last.Grad.Data {
			sum[i] += float64(g) * float64(len(batch.Labels)) / float64(learn.Len())
		}
	}
	centre = make([]float32, len(sum))
	for i, v := range sum {
		centre[i] = float32(v)
	}
	return last, centre, nil
}

// gradient leaves that of a batch's mean loss in the parameters.
func gradient(pass *nn.Pass[float32], model *modelfile.Model, x *tensor.Tensor[float32], labels []int) {
	pass.Tape.Reset()
	model.Preprocess.Apply(x)
	logits := model.Net.Forward(pass, pass.Tape.Constant(x))
	pass.Tape.Backward(losses.CrossEntropy(logits, labels, losses.CrossEntropyOptions{}))
}

// distance is ‖times·a − b‖².
func distance(a, b []float32, times float64) float64 {
	sum := 0.
	for i, v := range a {
		d := times*float64(v) - float64(b[i])
		sum += d * d
	}
	return sum
}

// decays trains three linear classifiers alike but for the place of the decay,
// and returns how far the second and third end from the first.
func (c averaged) decays(ctx context.Context, learn *digits) (proximal, coupled float64, err error) {
	const rate, lambda, examples, steps = 0.05, 0.1, 256, 60
	other, err := prox.ProximalStep(rate, lambda)
	if err != nil {
		return 0, 0, err
	}
	x := tensor.New[float64](examples, 784)
	for i := range x.Data {
		x.Data[i] = float64(learn.x.Data[i])
	}
	var ends [][]float64
	forms := []struct {
		form optim.Form
		rate float64
	}{{optim.Decoupled, rate}, {optim.Proximal, other}, {optim.Coupled, rate}}
	for _, way := range forms {
		layer := nn.NewLinear[float64](784, 10, c.lab.rand(3, 1))
		opt, err := optim.New(nn.Params[float64](layer), optim.Step[float64]{
			Estimator: optim.EMA[float64]{Q: 0.1}, Decay: optim.Decay{Form: way.form, Lambda: lambda},
			Penalty: prox.None[float64]{}, Geometry: prox.Euclidean[float64]{}, Rate: optim.Constant(way.rate),
		})
		if err != nil {
			return 0, 0, err
		}
		pass := &nn.Pass[float64]{Tape: autodiff.NewTape[float64](), Train: true}
		for range steps {
			if err := ctx.Err(); err != nil {
				return 0, 0, err
			}
			pass.Tape.Reset()
			logits := layer.Forward(pass, pass.Tape.Constant(x))
			pass.Tape.Backward(losses.CrossEntropy(logits, learn.labels[:examples], losses.CrossEntropyOptions{}))
			if err := opt.Step(); err != nil {
				return 0, 0, err
			}
		}
		ends = append(ends, layer.Weight.Value.Data)
	}
	for i, w := range ends[0] {
		proximal, coupled = max(proximal, math.Abs(ends[1][i]-w)), max(coupled, math.Abs(ends[2][i]-w))
	}
	return proximal, coupled, nil
}
