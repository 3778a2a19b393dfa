package losses

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// Ignore is the label of an example that CrossEntropy leaves out.
const Ignore = -1

// CrossEntropyOptions change what [CrossEntropy] and [CrossEntropySoft]
// compute. The zero value is the plain mean.
type CrossEntropyOptions struct {
	// Weights of the classes, [classes], none negative; nil for 1 each.
	Weights []float64

	// Smoothing moves this part of every target, in [0, 1], evenly to all
	// classes: t becomes (1−Smoothing)·t + Smoothing/classes.
	Smoothing float64

	// Reduction of the examples. MeanReduction and ExampleReduction are the
	// same here.
	Reduction Reduction
}

// CrossEntropy returns the cross entropy −Σ_c w_c·t_c·log softmax(z)_c of each
// row z of logits [batch, classes], in nats, averaged. The target t is 1 at the
// row's label and 0 elsewhere, then smoothed; w are the class weights, 1 if
// none. The mean divides by Σ w_label, as PyTorch does.
//
// Labels are [batch], each in [0, classes) or [Ignore]. It never overflows: the
// row's maximum is subtracted first. A class with target or weight 0 may have
// the logit −Inf. If every label is Ignore, or has weight 0, it is 0 (PyTorch:
// NaN). It panics with a [*tensor.ShapeError] if there is not one label for
// each row, and on labels and options outside their ranges. Labels and weights
// must not change until Backward has run.
//
// Source: docs/kl-cross-entropy.md; Szegedy et al. 2016 (smoothing).
func CrossEntropy[F tensor.Float](logits *autodiff.Var[F], labels []int, o CrossEntropyOptions) *autodiff.Var[F] {
	shape := logits.Shape()
	if len(shape) != 2 || len(labels) != shape[0] {
		panic(tensor.Mismatch("losses.CrossEntropy", "logits [batch classes] and one label for each row", shape, []int{len(labels)}))
	}
	o.check("losses.CrossEntropy", shape[1])
	divisor := 0.0
	for i, label := range labels {
		if label == Ignore {
			continue
		}
		if label < 0 || label >= shape[1] {
			panic(fmt.Sprintf("losses.CrossEntropy: label %d in row %d: want one in [0, %d), or losses.Ignore", label, i, shape[1]))
		}
		divisor += o.weight(label)
	}
	return crossEntropyOf(logits, crossEntropy[F]{labels: labels, options: o}, divisor)
}

// CrossEntropySoft is [CrossEntropy] for targets t that are distributions
// themselves, [batch, classes]; each row should be non-negative and sum to 1,
// which is not checked. The mean divides by the number of rows, weighted or
// not, as PyTorch does.
func CrossEntropySoft[F tensor.Float](logits *autodiff.Var[F], targets *tensor.Tensor[F], o CrossEntropyOptions) *autodiff.Var[F] {
	shape := logits.Shape()
	if len(shape) != 2 || len(targets.Shape) != 2 || targets.Shape[0] != shape[0] || targets.Shape[1] != shape[1] {
		panic(tensor.Mismatch("losses.CrossEntropySoft", "logits [batch classes] and targets of the same shape", shape, targets.Shape))
	}
	o.check("losses.CrossEntropySoft", shape[1])
	return crossEntropyOf(logits, crossEntropy[F]{targets: targets.Data, options: o}, float64(shape[0]))
}

func (o *CrossEntropyOptions) check(op string, classes int) {
	if o.Weights != nil && len(o.Weights) != classes {
		panic(tensor.Mismatch(op, "one weight for each class", []int{classes}, []int{len(o.Weights)}))
	}
	for c, w := range o.Weights {
		if !(w >= 0) || math.IsInf(w, 1) {
			panic(fmt.Sprintf("%s: weight %v of class %d: want a finite one, not negative", op, w, c))
		}
	}
	if !(o.Smoothing >= 0 && o.Smoothing <= 1) {
		panic(fmt.Sprintf("%s: smoothing %v: want one in [0, 1]", op, o.Smoothing))
	}
}

func (o *CrossEntropyOptions) weight(class int) float64 {
	if o.Weights == nil {
		return 1
	}
	return o.Weights[class]
}

// crossEntropyOf computes the loss with everything of op set but the Vars.
func crossEntropyOf[F tensor.Float](logits *autodiff.Var[F], op crossEntropy[F], divisor float64) *autodiff.Var[F] {
	op.logits, op.classes = logits, logits.Shape()[1]
	op.y = logits.Tape().Output(nil, logits)
	op.probabilities = logits.Tape().Scratch(len(logits.Value.Data))
	switch {
	case op.options.Reduction == SumReduction:
		op.factor = 1
	case divisor > 0:
		op.factor = 1 / divisor
	}
	total := 0.0
	for i := range logits.Shape()[0] {
		if op.labels == nil || op.labels[i] != Ignore {
			total += op.row(i)
		}
	}
	op.y.Value.Data[0] = F(total * op.factor)
	return autodiff.Record(op.y, op)
}

type crossEntropy[F tensor.Float] struct {
	logits, y     *autodiff.Var[F]
	probabilities []F   // softmax of the logits, where not ignored
	labels        []int // or nil
	targets       []F   // or nil
	options       CrossEntropyOptions
	classes       int
	factor        float64 // of the sum over rows
}

// target returns w_c·t_c for row i: the one definition of labels or soft
// targets, smoothing and class weights.
func (op *crossEntropy[F]) target(i, c int) float64 {
	t := 0.0
	switch {
	case op.targets != nil:
		t = float64(op.targets[i*op.classes+c])
	case op.labels[i] == c:
		t = 1
	}
	s := op.options.Smoothing
	return op.options.weight(c) * ((1-s)*t + s/float64(op.classes))
}

// oneHot says whether target is 1 at the label and 0 elsewhere, as it is in
// nearly all training: then nobody asks it for every class.
func (op *crossEntropy[F]) oneHot() bool {
	return op.labels != nil && op.options.Smoothing == 0 && op.options.Weights == nil
}

// row computes the probabilities of row i and returns its loss: with m the
// largest logit and R the sum of e^(z−m) over the others,
// −log softmax(z)_c = (m − z_c) + log1p(R), which keeps its relative precision
// for a loss near 0.
func (op *crossEntropy[F]) row(i int) float64 {
	z := op.logits.Value.Data[i*op.classes : (i+1)*op.classes]
	p := op.probabilities[i*op.classes : (i+1)*op.classes]
	top := 0
	for c, v := range z {
		if v > z[top] {
			top = c
		}
	}
	m, loss := float64(z[top]), 0.0
	rest := m - m // 0, or NaN for a largest logit that is not finite
	for c, v := range z {
		e := math.Exp(float64(v) - m)
		p[c] = F(e)
		if c != top {
			rest += e
		}
	}
	spread := math.Log1p(rest)
	for c := range p {
		p[c] = F(float64(p[c]) / (1 + rest))
	}
	if op.oneHot() {
		loss = m - float64(z[op.labels[i]]) + spread
	} else {
		for c, v := range z {
			if t := op.target(i, c); t != 0 {
				loss += t * (m - float64(v) + spread)
			}
		}
	}
	if math.IsNaN(rest) {
		return rest // even where every target is 0
	}
	return loss
}

// Pull, with T = Σ_c w_c·t_c: dz_c += dy·factor·(T·p_c − w_c·t_c). At the one
// class that may have p > ½ this is written as (T − w_c·t_c)·p_c − w_c·t_c·
// (1−p_c), 1−p_c being the sum over the others, so that a confident
// prediction's small gradient does not cancel.
func (op *crossEntropy[F]) Pull() {
	g := op.logits.Accumulate()
	factor := float64(op.y.Grad.Data[0]) * op.factor
	for i := range op.logits.Shape()[0] {
		if op.labels != nil && op.labels[i] == Ignore {
			continue
		}
		at := i * op.classes
		top, total, others := 0, 0.0, 0.0
		p := op.probabilities[at : at+op.classes]
		for c, v := range p {
			if v > p[top] {
				top = c
			}
		}
		if op.oneHot() {
			op.pullOneHot(g[at:at+op.classes], p, op.labels[i], top, factor)
			continue
		}
		for c := range p {
			total += op.target(i, c)
		}
		for c, v := range p {
			t := op.target(i, c)
			if c != top {
				others += float64(v)
				g[at+c] += F(factor * (total*float64(v) - t))
			}
		}
		t := op.target(i, top)
		g[at+top] += F(factor * ((total-t)*float64(p[top]) - t*others))
	}
}

// pullOneHot is a row of Pull where T and the target at the label are 1.
func (op *crossEntropy[F]) pullOneHot(g, p []F, label, top int, factor float64) {
	others := 0.0
	for c, v := range p {
		if c == top {
			continue
		}
		others += float64(v)
		d := float64(v)
		if c == label {
			d--
		}
		g[c] += F(factor * d)
	}
	t := 0.0
	if top == label {
		t = 1
	}
	g[top] += F(factor * ((1-t)*float64(p[top]) - t*others))
}
