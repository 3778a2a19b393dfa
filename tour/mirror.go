package tour

import (
	"context"
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/binarynet"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/train"
)

func mirrorDescent() Chapter {
	return Chapter{
		Slug:     "mirror-descent",
		Question: "Can I train weights of one bit, with steps that never leave (0, 1) and never overshoot?",
		About: "Mirror steps in the geometry of coins minimise a quadratic over forty probabilities whose curvature is known: up to the step 4/L it falls in every step. A coordinate that was rounded to 0 comes back, since its logit is what is carried. " +
			"Then a network of one-bit weights and activations learns the digits by the same step, and is packed into bits.",
		Try: "gradus train --binary sign --model mlp:512,512",
		run: func(ctx context.Context, lab *Lab) (*finding, error) { return mirrored{lab}.run(ctx) },
	}
}

type mirrored struct{ lab *Lab }

func (c mirrored) run(ctx context.Context) (*finding, error) {
	q := newQuadratic(c.lab)
	curvature := q.curvature()
	panel := report.Panel{Y: "f(x)", LogY: true, Legend: report.BottomLeft}
	rise := 0.
	for _, times := range []float64{1, 4, 40} {
		line, err := q.descend(times/curvature, 300)
		if err != nil {
			return nil, err
		}
		line.Name = fmt.Sprintf("ε = %g/L", times)
		panel.Lines = append(panel.Lines, line)
		if times > 4 {
			continue
		}
		for t := 1; t < len(line.Y); t++ {
			rise = max(rise, (line.Y[t]-line.Y[t-1])/line.Y[0])
		}
	}
	logit, stuck, err := c.comeBack()
	if err != nil {
		return nil, err
	}
	accuracy, agreement, err := c.bits(ctx)
	if err != nil {
		return nil, err
	}
	return &finding{
		figures: []Figure{
			atMost("largest rise of f in any step of size 1/L or 4/L", "%.0e", 1e-12, rise, "rounding"),
			near("logit after 100 steps of 10 from −800, where x rounds to 0", "%.0f", 200, logit, 1e-9, "rounding"),
			near("probability after the same steps from exactly 0", "%g", 0, stuck, 0, "exact"),
			near("digits on which packed bits and the network agree (%)", "%.2f", 100, 100*agreement, 0.2, "0.2 points, thresholds met by rounding"),
		},
		pictures: []Picture{{"mirror", report.Captioned{
			Picture: report.Figure{Title: "mirror descent on (0, 1)⁴⁰", X: "step", Panels: []report.Panel{panel}},
			Caption: "A quadratic of largest curvature L under mirror steps of three sizes. Up to 4/L it must not rise; the largest step is not bound to fall.",
		}}},
		verdict: fmt.Sprintf("steps up to 4/L never rise and logits bring weights back; a network of one-bit weights and activations reads %.0f%% of unseen digits", 100*accuracy),
	}, nil
}

// quadratic is f(x) = ‖A(x − x*)‖²/2 on (0, 1)ⁿ, with x* partly at its ends.
type quadratic struct {
	a    *tensor.Tensor[float64] // [rows, n]
	best []float64
}

func newQuadratic(lab *Lab) quadratic {
	const rows, n = 60, 40
	rng := lab.rand(11)
	q := quadratic{a: tensor.New[float64](rows, n), best: make([]float64, n)}
	tensor.Normal(q.a, rng, 0, 1)
	for i := range q.best {
		q.best[i] = min(max(1.5*rng.Float64()-0.25, 0), 1)
	}
	return q
}

// at returns f and its gradient Aᵀ·A·(x − x*).
func (q quadratic) at(x []float64) (value float64, gradient []float64) {
	gradient = make([]float64, len(x))
	for r := range q.a.Shape[0] {
		row, sum := q.a.Row(r), 0.
		for j, v := range row {
			sum += v * (x[j] - q.best[j])
		}
		value += sum * sum / 2
		for j, v := range row {
			gradient[j] += v * sum
		}
	}
	return value, gradient
}

// curvature is the largest eigenvalue of AᵀA, by power iteration, from above
// by a part in a million.
func (q quadratic) curvature() float64 {
	v := make([]float64, len(q.best))
	for i := range v {
		v[i] = 1 + float64(i%7)
	}
	largest := 0.
	for range 2000 {
		shifted := make([]float64, len(v))
		for i := range v {
			shifted[i] = v[i] + q.best[i]
		}
		_, w := q.at(shifted)
		largest = 0
		for _, x := range w {
			largest += x * x
		}
		largest = math.Sqrt(largest)
		for i := range v {
			v[i] = w[i] / largest
		}
	}
	return largest * (1 + 1e-6)
}

// descend takes mirror steps from the middle and returns f before each.
func (q quadratic) descend(step float64, steps int) (report.Line, error) {
	x := make([]float64, len(q.best))
	for i := range x {
		x[i] = 0.5
	}
	var line report.Line
	y := make([]float64, len(x))
	geometry := prox.Bernoulli[float64]{}
	solver, err := geometry.Solver(prox.None[float64]{})
	if err != nil {
		return line, err
	}
	if err := geometry.ToDual(y, x); err != nil {
		return line, err
	}
	for t := range steps {
		value, gradient := q.at(x)
		line.X, line.Y = append(line.X, float64(t)), append(line.Y, value)
		solver.Step(prox.Point[float64]{X: x, Direction: gradient, Times: 1, Dual: y}, step)
	}
	return line, nil
}

// comeBack takes a hundred steps of 10 upwards, from a logit of −800 and from
// a probability of exactly 0.
func (c mirrored) comeBack() (logit, probability float64, err error) {
	geometry := prox.Bernoulli[float64]{}
	solver, err := geometry.Solver(prox.None[float64]{})
	if err != nil {
		return 0, 0, err
	}
	x, y := []float64{0, 0}, []float64{-800, 0}
	if err := geometry.ToDual(y[1:], x[1:]); err != nil {
		return 0, 0, err
	}
	geometry.FromDual(x, y)
	for range 100 {
		solver.Step(prox.Point[float64]{X: x, Direction: []float64{-10, -10}, Times: 1, Dual: y}, 1)
	}
	return y[0], x[1], nil
}

// bits trains a network of one-bit weights and activations, packs it, and
// returns the accuracy of the packed network and how often it agrees with the
// network that it was packed from.
func (c mirrored) bits(ctx context.Context) (accuracy, agreement float64, err error) {
	const epochs, batch = 6, 64
	learn, test, err := c.lab.digits(ctx)
	if err != nil {
		return 0, 0, err
	}
	net := binarynet.NewMLP[float32]([]int{784, 256, 256, 10}, binarynet.Options{Train: binarynet.Sign, Bits: true}, c.lab.rand(11, 1))
	steps := epochs * ((learn.Len()-1)/batch + 1)
	model, err := c.lab.model(ctx, nn.Sequential[float32]{nn.Flatten[float32]{}, net}, learn)
	if err != nil {
		return 0, 0, err
	}
	err = c.lab.fit(ctx, model, learn, train.Config{
		Epochs: epochs, Step: optim.AdamStep[float32](1e-3),
		Groups: []optim.Group[float32]{binarynet.Group(binarynet.MirrorStep[float32](optim.Cosine{From: 0.1, To: 0.001, Steps: steps}))},
	})
	if err != nil {
		return 0, 0, err
	}
	c.lab.say("packing the network into bits")
	packed, err := binarynet.Pack(net)
	if err != nil {
		return 0, 0, err
	}
	x := tensor.New[float32](test.Len(), 784)
	copy(x.Data, test.x.Data)
	model.Preprocess.Apply(tensor.From(x.Data, test.Len(), 1, 28, 28))
	inBits, err := packed.Logits(x)
	if err != nil {
		return 0, 0, err
	}
	pass := &nn.Pass[float32]{Tape: autodiff.NewTape[float32]()}
	inFloats := net.Forward(pass, pass.Tape.Constant(x)).Value
	for i, label := range test.labels {
		one, other := largest(inBits.Row(i)), largest(inFloats.Row(i))
		if one == label {
			accuracy += 1 / float64(test.Len())
		}
		if one == other {
			agreement += 1 / float64(test.Len())
		}
	}
	return accuracy, agreement, nil
}

// largest is the index of the largest number, the first of equal ones.
func largest(x []float32) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}
