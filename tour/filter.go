package tour

import (
	"context"
	"math"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/tensor"
)

func tiedDilatedFilter() Chapter {
	return Chapter{
		Slug:     "tied-dilated-filter",
		Question: "Is the gradient of a layer that I wrote right, at its borders too?",
		About: "A filter whose two taps share one weight made signals, y = 0.8·(x at i + x at i+2) − 0.3, with noise. Its pullback is held against differences, and so is one that forgets the borders. " +
			"Then a tied and a free filter learn from the signals; their errors should be those of least squares.",
		Try: "gradus check tied-dilated-filter",
		run: func(ctx context.Context, lab *Lab) (*finding, error) { return filtered{lab}.run(ctx) },
	}
}

// What the chapter's signals are made of.
const (
	filterWeight = 0.8
	filterBias   = -0.3
	filterNoise  = 0.5
	filterRows   = 32
	filterLength = 200
)

type filtered struct{ lab *Lab }

func (c filtered) run(ctx context.Context) (*finding, error) {
	rng := c.lab.rand(2)
	truth := nn.NewTiedFilter[float64](2, 2, rng)
	truth.Weight.Value.Data[0], truth.Bias.Value.Data[0] = filterWeight, filterBias
	worst, planted := c.check(truth)

	x := tensor.New[float64](filterRows, filterLength)
	tensor.Normal(x, rng, 0, 1)
	pass := &nn.Pass[float64]{Tape: autodiff.NewTape[float64]()}
	y := truth.Forward(pass, pass.Tape.Constant(x)).Value
	for i := range y.Data {
		y.Data[i] += filterNoise * rng.NormFloat64()
	}
	tied, free := nn.NewTiedFilter[float64](2, 2, rng), nn.NewFilter[float64](3, 1, 1, 0, rng)
	for _, l := range []*nn.TiedFilter[float64]{tied, free} {
		if err := c.learn(ctx, l, x, y); err != nil {
			return nil, err
		}
	}
	// Least squares on independent inputs of variance 1, of which a tied
	// weight sees two.
	deviation := filterNoise / math.Sqrt(float64(len(y.Data)))
	taps := free.Weight.Value.Data
	return &finding{
		figures: []Figure{
			atMost("largest relative error of the pullback against differences", "%.0e", 1e-7, worst, "the check's own tolerance"),
			near("derivatives found wrong in a pullback that forgets 8 border points", "%.0f", 8, planted, 0, "exact"),
			near("the tied weight, learned", "%.4f", filterWeight, tied.Weight.Value.Data[0], 4*deviation/math.Sqrt2, "4 standard errors"),
			near("the middle tap of a free filter, learned", "%.4f", 0, taps[1], 4*deviation, "4 standard errors"),
			near("the last tap of a free filter, learned", "%.4f", filterWeight, taps[2], 4*deviation, "4 standard errors"),
		},
		pictures: []Picture{{"filter", report.Captioned{
			Picture: filterPicture(free, deviation),
			Caption: "A free filter of three taps and a bias, learned from noisy signals, with intervals of 95%: the filter that made them has no middle tap.",
		}}},
		verdict: "the pullback is right to rounding, borders included; a pullback without them is caught; training finds the filter that made the signals",
	}, nil
}

// check returns the worst error of the layer's gradient, and how many
// derivatives of a wrong one are found.
func (c filtered) check(l *nn.TiedFilter[float64]) (worst, planted float64) {
	x := tensor.New[float64](2, 12)
	tensor.Normal(x, c.lab.rand(2, 1), 0, 1)
	right := autodiff.Check(func(t *autodiff.Tape[float64], in []*autodiff.Var[float64]) *autodiff.Var[float64] {
		return l.Forward(&nn.Pass[float64]{Tape: t, Train: true}, in[0])
	}, x, l.Weight.Value, l.Bias.Value)
	worst = right.Worst
	if !right.OK {
		worst = math.Inf(1)
	}
	wrong := autodiff.Check(func(t *autodiff.Tape[float64], in []*autodiff.Var[float64]) *autodiff.Var[float64] {
		y := t.Output([]int{2, 10}, in[0])
		for i := range y.Value.Data {
			at := i/10*12 + i%10
			y.Value.Data[i] = filterWeight * (x.Data[at] + x.Data[at+2])
		}
		return autodiff.Record(y, borderless{in[0], y})
	}, x)
	return worst, float64(wrong.Faults)
}

// borderless is a filter whose pullback is wrong: it treats inputs that one
// output reads as those that two do.
type borderless struct{ x, y *autodiff.Var[float64] }

// Pull: dx += a·(dyⱼ + dyⱼ₋₂) inside, and nothing at the borders.
func (op *borderless) Pull() {
	dx, dy := op.x.Accumulate(), op.y.Grad.Data
	n, m := op.x.Shape()[1], op.y.Shape()[1]
	for i := range op.x.Shape()[0] {
		for j := 2; j < m; j++ {
			dx[i*n+j] += filterWeight * (dy[i*m+j] + dy[i*m+j-2])
		}
	}
}

// learn minimises the squared error by gradient descent on all signals.
func (c filtered) learn(ctx context.Context, l *nn.TiedFilter[float64], x, y *tensor.Tensor[float64]) error {
	opt, err := optim.New(nn.Params[float64](l), optim.SGDStep[float64](0.2))
	if err != nil {
		return err
	}
	pass := &nn.Pass[float64]{Tape: autodiff.NewTape[float64](), Train: true}
	for i := range 150 {
		if err := ctx.Err(); err != nil {
			return err
		}
		pass.Tape.Reset()
		loss := losses.MSE(l.Forward(pass, pass.Tape.Constant(x)), y, losses.MeanReduction)
		c.lab.say("learning a filter: step %d, error %.3f", i, loss.Value.Data[0])
		pass.Tape.Backward(loss)
		if err := opt.Step(); err != nil {
			return err
		}
	}
	return nil
}

func filterPicture(free *nn.TiedFilter[float64], deviation float64) report.Dots {
	truth := report.DotSeries{Name: "made the signals", Values: []float64{filterWeight, 0, filterWeight, filterBias}}
	learned := report.DotSeries{Name: "learned from them", Values: append(append([]float64{}, free.Weight.Value.Data...), free.Bias.Value.Data[0])}
	for _, v := range learned.Values {
		learned.Low, learned.High = append(learned.Low, v-1.96*deviation), append(learned.High, v+1.96*deviation)
	}
	return report.Dots{Title: "a filter of three free taps, learned", Panels: []report.DotPanel{{
		X: "parameter", Y: "value", Categories: []string{"tap 1", "tap 2", "tap 3", "bias"}, Series: []report.DotSeries{truth, learned}, Legend: report.TopRight,
	}}}
}
