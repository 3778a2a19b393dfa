package moments

import (
	"fmt"
	"math"
	"strings"
)

// Cause is what goes wrong in a layer.
type Cause string

// The causes that [Table.Diagnose] knows.
const (
	Vanishing         Cause = "vanishing"          // outputs shrink from layer to layer
	Exploding         Cause = "exploding"          // outputs grow
	MeanDrift         Cause = "mean drift"         // the mean outweighs the variance
	Correlated        Cause = "correlated inputs"  // examples are hardly told apart
	DeadUnits         Cause = "dead units"         // units give one value for every example
	VanishingGradient Cause = "vanishing gradient" // first layers hardly learn
	ExplodingGradient Cause = "exploding gradient"
)

// Finding is one thing that goes wrong, and the first layer where it shows.
type Finding struct {
	Cause  Cause  `json:"cause"`
	Row    int    `json:"row"` // of the table
	Path   string `json:"path"`
	Text   string `json:"text"`
	Advice string `json:"advice"`
}

// Diagnosis is what goes wrong: with the signal, by the row where it begins,
// and then with the gradient.
type Diagnosis []Finding

// The bounds beyond which Diagnose speaks.
const (
	farVariance = 10.  // times or parts of the input's second moment
	farGradient = 100. // times or parts of the outputs'
	farLikeness = 0.95
	farMean     = 0.8 // of the second moment: the mean is twice the deviation
	farConstant = 0.2 // of the units
)

// Diagnose says which layer departs first and why: outputs beyond a factor 10
// of the input's second moment, gradients beyond a factor 100 of the output's,
// a mean of twice the deviation, a cosine of 0.95 between examples, a fifth of
// the units constant. It judges what was measured where a batch was, else what
// is predicted. Outputs of activations are not held against the input, because
// their size is that of their function. An empty diagnosis is a good one.
func (t *Table) Diagnose() Diagnosis {
	var d Diagnosis
	found := map[Cause]bool{}
	add := func(cause Cause, row int, advice, format string, args ...any) {
		if !found[cause] {
			found[cause] = true
			d = append(d, Finding{Cause: cause, Row: row, Path: t.Rows[row].Path, Text: fmt.Sprintf(format, args...), Advice: advice})
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	input := t.Rows[0].values()
	before := input // of the last layer of weights
	for i, r := range t.Rows {
		v := r.values()
		if i == 0 {
			continue
		}
		name := fmt.Sprintf("layer %s (%s)", r.Path, r.Kind)
		if r.Weighs() {
			ratio, step := v.SecondMoment()/input.SecondMoment(), v.SecondMoment()/before.SecondMoment()
			switch {
			case ratio < 1/farVariance:
				add(Vanishing, i, "draw the weights by He for ReLU, by gain/√fan_in for others, or by Preserve", "%s: the signal is %.1e of the input's, %.2g times the layer's before: it vanishes", name, ratio, step)
			case ratio > farVariance || math.IsNaN(ratio):
				add(Exploding, i, "draw smaller weights: by Preserve, or scale residual branches by 1/√depth", "%s: the signal is %.1e times the input's, %.2g times the layer's before: it explodes", name, ratio, step)
			}
			before = v
		}
		if v.SecondMoment() > 0 && v.Mean*v.Mean > farMean*v.SecondMoment() {
			add(MeanDrift, i, "use an activation centred at 0, or normalise before it", "%s: the mean %.2g outweighs the deviation %.2g", name, v.Mean, math.Sqrt(v.Variance))
		}
		if v.Likeness > farLikeness && input.Likeness <= farLikeness {
			add(Correlated, i, "use fewer layers, residual connections, or batch normalisation; orthogonal weights under tanh", "%s: two examples have the cosine %.3f: the layers after it hardly tell them apart", name, v.Likeness)
		}
		if v.Constant > farConstant {
			add(DeadUnits, i, "lower the bias's or weights' scale or the learning rate, or use LeakyReLU, GELU or SiLU", "%s: %.0f%% of the units give the same for every example", name, 100*v.Constant)
		}
	}
	for i, r := range t.Rows { // nearest the input: the worst
		g, path := r.values().Gradient, r.Path
		switch {
		case g < 1/farGradient:
			add(VanishingGradient, i, "choose weights that keep the gradient (gain by Gain's Backward), residual connections, or fewer layers", "the gradient at %s is %.1e of that at the output: first layers hardly learn", path, g)
		case g > farGradient || math.IsNaN(g):
			add(ExplodingGradient, i, "draw smaller weights, clip the gradient, or normalise", "the gradient at %s is %.1e times that at the output", path, g)
		}
	}
	return d
}

// Weighs reports whether the scale of the outputs is one that weights set, so
// that it should be that of the input: rows of activations, pooling and the like
// have their own.
func (r Row) Weighs() bool {
	switch r.Kind {
	case "linear", "conv2d", "tiedfilter", "normalizedlinear", "residual":
		return true
	}
	return false
}

func (r Row) values() Values {
	if r.Measured != nil {
		return *r.Measured
	}
	return r.Predicted
}

// String gives a line for each finding and one for what to do.
func (d Diagnosis) String() string {
	if len(d) == 0 {
		return "nothing departs: signal and gradient keep their size\n"
	}
	var b strings.Builder
	for _, f := range d {
		fmt.Fprintf(&b, "%s: %s\n  %s\n", f.Cause, f.Text, f.Advice)
	}
	return b.String()
}
