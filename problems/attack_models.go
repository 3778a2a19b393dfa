package problems

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// softmaxLinear is the classifier softmax(Wx + c).
type softmaxLinear struct {
	W [][]float64
	C []float64
}

func (m softmaxLinear) fits(x []float64, label int) error {
	if len(m.W) == 0 || len(x) == 0 {
		return invalid("W is %d by %d: want at least one class and one input", len(m.W), len(x))
	}
	if label < 0 || label >= len(m.W) {
		return invalid("label is %d: want one in [0, %d)", label, len(m.W))
	}
	return first(wantMatrix("W", m.W, len(m.W), len(x)), wantLength("c", m.C, len(m.W), "one for each row of W"))
}

func (m softmaxLinear) layer() *nn.Linear[float64] {
	return &nn.Linear[float64]{
		Weight: &nn.Param[float64]{Value: tensor.From(slices.Concat(m.W...), len(m.W), len(m.W[0]))},
		Bias:   &nn.Param[float64]{Value: tensor.From(slices.Clone(m.C), len(m.C))},
	}
}

// logProbs returns the log-probabilities by the engine's layers.
func (m softmaxLinear) logProbs(x []float64) ([]float64, error) {
	pass := nn.Pass[float64]{Tape: autodiff.NewTape[float64]()}
	logits := m.layer().Forward(&pass, pass.Tape.Constant(tensor.From(x, 1, len(x))))
	z, err := losses.LogitsOf([][]float64{logits.Value.Data})
	if err != nil {
		return nil, err
	}
	return z.LogProbs().Data, nil
}

// plainLogProb returns log p(label | x) as it is written, for checks.
func (m softmaxLinear) plainLogProb(x []float64, label int) float64 {
	sum, own := 0.0, 0.0
	for k, row := range m.W {
		z := dot(row, x) + m.C[k]
		sum += math.Exp(z)
		if k == label {
			own = z
		}
	}
	return own - math.Log(sum)
}

// plainGradient returns W_y − Σ_k p_k W_k.
func (m softmaxLinear) plainGradient(x []float64, label int) []float64 {
	g := slices.Clone(m.W[label])
	for k, row := range m.W {
		p := math.Exp(m.plainLogProb(x, k))
		for i, w := range row {
			g[i] -= p * w
		}
	}
	return g
}

type fgsmIn struct {
	W     [][]float64 `json:"W"`
	C     []float64   `json:"c"`
	X     []float64   `json:"x"`
	Label int         `json:"label"`
	Eps   float64     `json:"eps"`
}

type fgsmOut struct {
	LogProbs   []float64 `json:"log_probs"`
	Grad       []float64 `json:"grad"`
	XAdv       []float64 `json:"x_adv"`
	After      float64   `json:"log_prob_after"`
	Prediction float64   `json:"linear_prediction"`
}

func drawSoftmaxLinear(rng *rand.Rand) (w [][]float64, c []float64, label int) {
	n, k := 1+rng.IntN(4), 2+rng.IntN(3)
	return normals(rng, k, n), normal(rng, k), rng.IntN(k)
}

func attackFGSM() Operation {
	return operation(definition[fgsmIn, fgsmOut]{
		name:   "fgsm_softmax_linear",
		method: "differences of the log-probability",
		solve: func(in fgsmIn) (out fgsmOut, err error) {
			model := softmaxLinear{in.W, in.C}
			if err := model.fits(in.X, in.Label); err != nil {
				return out, err
			}
			if out.LogProbs, err = model.logProbs(in.X); err != nil {
				return out, err
			}
			l, err := attack.Linearise(model.layer(), tensor.From(slices.Clone(in.X), 1, len(in.X)), []int{in.Label})
			if err != nil {
				return out, err
			}
			out.Grad, out.XAdv = l.Gradient.Data, make([]float64, len(in.X))
			value, err := attack.Minimise(out.XAdv, in.X, out.Grad, attack.LInf(in.Eps), attack.Everywhere())
			if err != nil {
				return out, err
			}
			after, err := model.logProbs(out.XAdv)
			if err != nil {
				return out, err
			}
			out.After, out.Prediction = after[in.Label], l.LogProb[0]+value
			return out, nil
		},
		draw: func(rng *rand.Rand) (in fgsmIn) {
			in.W, in.C, in.Label = drawSoftmaxLinear(rng)
			in.X, in.Eps = uniform(rng, len(in.W[0]), 0, 1), between(rng, 0.01, 0.5)
			return in
		},
		check: func(c *Comparison, in fgsmIn, out fgsmOut) {
			model := softmaxLinear{in.W, in.C}
			for k := range in.W {
				c.near("log_probs", out.LogProbs[k], model.plainLogProb(in.X, k), 1e-12)
			}
			x := slices.Clone(in.X)
			c.vector("grad", out.Grad, gradientOf(func() float64 { return model.plainLogProb(x, in.Label) }, x), 1e-9)
			g := model.plainGradient(in.X, in.Label)
			prediction := model.plainLogProb(in.X, in.Label)
			adv := slices.Clone(in.X)
			for i, v := range g {
				if math.Abs(v) > 1e-12 {
					adv[i] -= math.Copysign(in.Eps, v)
				} else if math.Abs(out.XAdv[i]-adv[i]) <= in.Eps*(1+1e-12) {
					adv[i] = out.XAdv[i] // rounding has the sign
				}
				prediction -= in.Eps * math.Abs(v)
			}
			c.vector("x_adv", out.XAdv, adv, 1e-12)
			c.near("log_prob_after", out.After, model.plainLogProb(adv, in.Label), 1e-12)
			c.near("linear_prediction", out.Prediction, prediction, 1e-9)
			c.atMost("linear_prediction", out.After, out.Prediction, 1e-9) // the log-probability is concave
		},
	})
}

type pgdIn struct {
	W          [][]float64 `json:"W"`
	C          []float64   `json:"c"`
	X          []float64   `json:"x"`
	Label      int         `json:"label"`
	Norm       string      `json:"norm"`
	P          *float64    `json:"p"`
	Eps        float64     `json:"eps"`
	Step       float64     `json:"step"`
	Iterations int         `json:"iterations"`
	Lo         *float64    `json:"lo" infinite:"yes"`
	Hi         *float64    `json:"hi" infinite:"yes"`
	Targeted   bool        `json:"targeted"`
}

type pgdOut struct {
	XAdv    []float64 `json:"x_adv"`
	LogProb []float64 `json:"log_prob"`
}

func attackPGD() Operation {
	return operation(definition[pgdIn, pgdOut]{
		name:   "pgd_softmax_linear",
		method: "the iteration in plain loops, projections by bisection",
		solve:  solvePGD,
		draw: func(rng *rand.Rand) (in pgdIn) {
			in.W, in.C, in.Label = drawSoftmaxLinear(rng)
			in.X, in.Lo, in.Hi = drawPoint(rng, len(in.W[0]))
			in.Norm, in.P, _ = drawBall(rng, 3)
			in.Eps, in.Step, in.Iterations = between(rng, 0.05, 0.5), between(rng, 0.02, 0.2), 1+rng.IntN(5)
			in.Targeted = rng.IntN(2) == 0
			return in
		},
		check: checkPGD,
	})
}

func solvePGD(in pgdIn) (out pgdOut, err error) {
	model := softmaxLinear{in.W, in.C}
	ball, err := ballOf(in.Norm, in.P, in.Eps)
	if err := first(err, model.fits(in.X, in.Label), wantSteps("iterations", in.Iterations, len(in.X))); err != nil {
		return out, err
	}
	pace := ball
	pace.Radius = in.Step
	step := attack.Minimise[float64] // the steepest step of a length is the best in the ball of that radius
	if in.Targeted {
		step = attack.Maximise[float64]
	}
	layer, box := model.layer(), boxOf(in.Lo, in.Hi)
	x, moved := tensor.From(slices.Clone(in.X), 1, len(in.X)), make([]float64, len(in.X))
	for t := 0; ; t++ {
		l, err := attack.Linearise(layer, x, []int{in.Label})
		if err != nil {
			return out, err
		}
		out.LogProb = append(out.LogProb, l.LogProb[0])
		if t == in.Iterations {
			out.XAdv = x.Data
			return out, nil
		}
		if _, err := step(moved, x.Data, l.Gradient.Data, pace, attack.Everywhere()); err != nil {
			return out, err
		}
		if err := attack.Project(x.Data, difference(moved, in.X), in.X, ball, box); err != nil {
			return out, err
		}
	}
}

func checkPGD(c *Comparison, in pgdIn, out pgdOut) {
	model := softmaxLinear{in.W, in.C}
	p, box := exponentOf(in.Norm, in.P), boxOf(in.Lo, in.Hi)
	x := slices.Clone(in.X)
	want := []float64{model.plainLogProb(x, in.Label)}
	for range in.Iterations {
		g := model.plainGradient(x, in.Label)
		largest := 0
		for i, v := range g {
			if in.Targeted {
				g[i] = -v
			}
			if math.Abs(v) > math.Abs(g[largest]) {
				largest = i
			}
		}
		for i, v := range g {
			switch {
			case math.IsInf(p, 1):
				x[i] -= math.Copysign(in.Step, v)
			case p == 2:
				x[i] -= in.Step * v / lengthP(g, 2)
			case i == largest:
				x[i] -= math.Copysign(in.Step, v)
			}
		}
		// Shrink by the smallest τ that the ball allows, found by bisection.
		shrunk := func(tau float64) []float64 {
			d := difference(x, in.X)
			for i, v := range d {
				switch {
				case math.IsInf(p, 1):
					v = min(max(v, -in.Eps), in.Eps)
				case p == 2:
					v /= 1 + tau
				default:
					v = math.Copysign(max(0, math.Abs(v)-tau), v)
				}
				d[i] = min(max(v, box.Lo-in.X[i]), box.Hi-in.X[i])
			}
			return d
		}
		lo, hi := 0.0, 100.0
		if lengthP(shrunk(0), p) <= in.Eps {
			hi = 0
		}
		for range 70 {
			if mid := (lo + hi) / 2; lengthP(shrunk(mid), p) > in.Eps {
				lo = mid
			} else {
				hi = mid
			}
		}
		for i, d := range shrunk(hi) {
			x[i] = in.X[i] + d
		}
		want = append(want, model.plainLogProb(x, in.Label))
	}
	c.vector("x_adv", out.XAdv, x, 1e-7)
	c.vector("log_prob", out.LogProb, want, 1e-7)
}
