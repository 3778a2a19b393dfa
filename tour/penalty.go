package tour

import (
	"context"
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/tensor"
)

func normProx() Chapter {
	return Chapter{
		Slug:     "norm-prox",
		Question: "Which inputs can go, and is the penalty's step at its global minimum where it is not convex?",
		About: "A linear classifier ties the ten weights of each pixel together by their norm. Steps that solve the penalty exactly drop pixels, to exact zeros; steps along its subgradient drop none. " +
			"What is left is held against the conditions of the optimum. Then the exact step of penalties that are not convex is held against a search.",
		Try: "gradus train --optimizer momentum --penalty group:0.002",
		run: func(ctx context.Context, lab *Lab) (*finding, error) { return sparse{lab}.run(ctx) },
	}
}

// The classifier of the chapter.
const (
	sparseExamples = 600
	sparsePixels   = 784
	sparseClasses  = 10
	sparseSteps    = 600
	sparseRate     = 0.02 // below 1/L for ten pixels in a hundred of full brightness
)

type sparse struct{ lab *Lab }

func (c sparse) run(ctx context.Context) (*finding, error) {
	learn, _, err := c.lab.digits(ctx)
	if err != nil {
		return nil, err
	}
	x, labels := tensor.From(learn.x.Data[:sparseExamples*sparsePixels], sparseExamples, sparsePixels), learn.labels[:sparseExamples]
	start := newPixels(x, labels)
	start.gradient(0)
	largest := prox.LambdaMax(start.W.Value.Data, start.W.Grad.Data, sparseClasses, sparseRate)
	searched, err := c.smallestEmpty(x, labels, largest)
	if err != nil {
		return nil, err
	}
	kept := report.GridRow{Name: "weights"}
	var last *pixels
	shares := []float64{0.02, 0.1, 0.3}
	for _, share := range shares {
		if last, err = c.learn(ctx, x, labels, share*largest, prox.Norm[float32]{Rho: prox.Linear{Lambda: share * largest}, Per: prox.PerRow}, 0); err != nil {
			return nil, err
		}
		kept.Images = append(kept.Images, last.picture(fmt.Sprintf("%d pixels", sparsePixels-last.zeros())))
	}
	lambda := shares[len(shares)-1] * largest
	inactive, active := last.conditions(lambda)
	plain, err := c.learn(ctx, x, labels, lambda, prox.None[float32]{}, lambda)
	if err != nil {
		return nil, err
	}
	below, certificates := c.search()
	zeros := last.zeros()
	return &finding{
		figures: []Figure{
			near("smallest λ that drops every pixel, searched, beside LambdaMax", "%.5f", largest, searched, 2e-4*largest, "the search's own 0.02%"),
			atMost("dropped pixels: largest norm of the gradient, of λ", "%.3f", 1, inactive, "the optimum's condition"),
			near("kept pixels: norm of gradient + penalty's slope, of λ", "%.4f", 0, active, 0.1, "10%, what training leaves"),
			near("pixels at exactly zero by subgradient steps", "%.0f", 0, float64(plain.zeros()), 0, "exact"),
			atMost("value at the exact step above the best found by search, not convex", "%.0e", 1e-9, below, "rounding"),
		},
		pictures: []Picture{
			{"pixels", report.Captioned{Picture: report.Grid{Title: "norm of each pixel's weights; black is exactly zero", Rows: []report.GridRow{kept}},
				Caption: "A linear classifier of digits under a group penalty of three strengths: the pixels that are left, and how heavy they weigh."}},
			{"shrinkage", report.Captioned{Picture: shrinkagePicture(), Caption: "How long a vector of length A is after the exact step of size 1, for four penalties of its norm. Two of them are not convex: one of these jumps."}},
		},
		verdict: fmt.Sprintf("exact steps leave %d of %d pixels at exactly zero where subgradients leave none; not convex, the step was at its global minimum in all of %d trials",
			zeros, sparsePixels, certificates),
	}, nil
}

// pixels is a linear classifier whose weights of one pixel stand in one row.
type pixels struct {
	W      *nn.Param[float32] // [pixels, classes]
	x      *tensor.Tensor[float32]
	labels []int
	tape   *autodiff.Tape[float32]
}

func newPixels(x *tensor.Tensor[float32], labels []int) *pixels {
	return &pixels{W: nn.NewParam[float32](sparsePixels, sparseClasses), x: x, labels: labels, tape: autodiff.NewTape[float32]()}
}

// gradient leaves that of the mean loss in W, with that of penalty·Σ‖row‖
// where the penalty is not 0.
func (p *pixels) gradient(penalty float64) {
	p.tape.Reset()
	pass := nn.Pass[float32]{Tape: p.tape, Train: true}
	w := pass.Use(p.W)
	loss := losses.CrossEntropy(autodiff.MatMul(p.tape.Constant(p.x), w, tensor.Product[float32]{}), p.labels, losses.CrossEntropyOptions{})
	if penalty > 0 {
		norms := autodiff.Sqrt(autodiff.SumColumns(autodiff.Square(w)))
		loss = autodiff.Add(loss, autodiff.Scale(autodiff.Sum(norms), penalty))
	}
	p.tape.Backward(loss)
}

// learn takes steps with a penalty solved exactly, or with one along its
// subgradient; that one starts beside 0, where it has a gradient.
func (c sparse) learn(ctx context.Context, x *tensor.Tensor[float32], labels []int, lambda float64, penalty prox.Penalty[float32], along float64) (*pixels, error) {
	p := newPixels(x, labels)
	tensor.Normal(p.W.Value, c.lab.rand(6), 0, 1e-3)
	opt, err := optim.New(nn.Params[float32](p), optim.Step[float32]{
		Estimator: optim.Nesterov[float32]{Mu: 0.9}, Penalty: penalty, Geometry: prox.Euclidean[float32]{}, Rate: optim.Constant(sparseRate),
	})
	if err != nil {
		return nil, err
	}
	for i := range sparseSteps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c.lab.say("λ = %.4f: step %d of %d", lambda, i, sparseSteps)
		p.gradient(along)
		if err := opt.Step(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// smallestEmpty bisects for the smallest λ from which a step from 0 stays there.
func (c sparse) smallestEmpty(x *tensor.Tensor[float32], labels []int, guess float64) (float64, error) {
	lo, hi := 0.5*guess, 2*guess
	for hi-lo > 1e-4*hi {
		middle := (lo + hi) / 2
		p := newPixels(x, labels)
		opt, err := optim.New(nn.Params[float32](p), optim.Step[float32]{
			Estimator: optim.Raw[float32]{}, Penalty: prox.Norm[float32]{Rho: prox.Linear{Lambda: middle}, Per: prox.PerRow},
			Geometry: prox.Euclidean[float32]{}, Rate: optim.Constant(sparseRate),
		})
		if err != nil {
			return 0, err
		}
		p.gradient(0)
		if err := opt.Step(); err != nil {
			return 0, err
		}
		if p.zeros() == sparsePixels {
			hi = middle
		} else {
			lo = middle
		}
	}
	return hi, nil
}

// zeros counts the rows that are exactly 0.
func (p *pixels) zeros() int {
	n := 0
	for i := range sparsePixels {
		if norm(p.W.Value.Row(i)) == 0 {
			n++
		}
	}
	return n
}

// conditions returns, relative to λ, the largest ‖g‖ of rows at 0 and the
// root mean square of ‖g + λ·w/‖w‖‖ of the others.
func (p *pixels) conditions(lambda float64) (inactive, active float64) {
	p.gradient(0)
	kept := 0.
	for i := range sparsePixels {
		w, g := p.W.Value.Row(i), p.W.Grad.Row(i)
		length := norm(w)
		if length == 0 {
			inactive = max(inactive, norm(g)/lambda)
			continue
		}
		kept++
		for j := range w {
			d := float64(g[j]) + lambda*float64(w[j])/length
			active += d * d
		}
	}
	return inactive, math.Sqrt(active/max(kept, 1)) / lambda
}

func norm(x []float32) float64 {
	sum := 0.
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}

// picture shows the norms of the rows, the largest white.
func (p *pixels) picture(caption string) report.Image {
	image := report.Image{Caption: caption, Shape: []int{1, 28, 28}, Data: make([]float32, sparsePixels)}
	largest := 0.
	for i := range image.Data {
		length := norm(p.W.Value.Row(i))
		image.Data[i], largest = float32(length), max(largest, length)
	}
	for i := range image.Data {
		image.Data[i] /= float32(max(largest, 1e-30))
	}
	return image
}

// search holds exact steps of penalties that are not convex against the best
// of many points, and returns by how much the worst is above it.
func (c sparse) search() (above float64, trials int) {
	c.lab.say("searching for better steps")
	rng := c.lab.rand(6, 1)
	for range 300 {
		lambda, a, step := math.Exp(rng.NormFloat64()), 4*rng.Float64(), math.Exp(rng.NormFloat64())
		for _, rho := range []prox.Radial{prox.Log{Lambda: lambda, Scale: 0.5}, prox.Power{Lambda: lambda, P: 0.5}, prox.Cosine{Lambda: lambda, Omega: 3}} {
			value := func(l float64) float64 { return rho.At(l) + (l-a)*(l-a)/(2*step) }
			best := value(0)
			for i := range 2000 {
				best = min(best, value(6*float64(i)/2000))
			}
			above = max(above, value(rho.Length(a, step))-best)
			trials++
		}
	}
	return above, trials
}

func shrinkagePicture() report.Figure {
	panel := report.Panel{Y: "length after the step", Legend: report.TopLeft}
	for _, p := range []struct {
		name string
		rho  prox.Radial
	}{
		{"r²/2: shrinks", prox.Quadratic{Lambda: 1}}, {"r: block soft threshold", prox.Linear{Lambda: 1}},
		{"log(1 + r), not convex", prox.Log{Lambda: 1, Scale: 1}}, {"√r, not convex", prox.Power{Lambda: 1, P: 0.5}},
	} {
		line := report.Line{Name: p.name}
		for i := range 301 {
			a := float64(i) / 100
			line.X, line.Y = append(line.X, a), append(line.Y, p.rho.Length(a, 1))
		}
		panel.Lines = append(panel.Lines, line)
	}
	return report.Figure{Title: "the exact step of a penalty of the norm", X: "length A before the step", Panels: []report.Panel{panel}}
}
