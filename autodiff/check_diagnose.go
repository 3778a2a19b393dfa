package autodiff

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Cause is what makes a gradient wrong.
type Cause int

// The causes that [Check] can tell.
const (
	Unexplained      Cause = iota
	NoGradient             // the gradient is zero: the input was forgotten
	Sign                   // it has the wrong sign
	Factor                 // it is a multiple of the right one
	OtherInput             // it is the gradient of another input
	Shift                  // it is the right one, at other indices by a fixed distance
	Transposed             // it is the right one with two neighbouring dimensions exchanged
	Reversed               // it is the right one, read backwards, as of a flipped kernel
	Permuted               // it has the right numbers in another order
	NoProjection           // it lacks the term along the input that a norm gives
	NoMean                 // it lacks the term that subtracting a mean gives
	NoProjectionMean       // it lacks both
	Part                   // it is right in some elements only
	SomeOutputs            // it is right for the cotangents of some outputs only
	KinkValue              // it is right but at kinks, where it is no subgradient
	Accumulates            // it grows with each run: the earlier gradient was not cleared
	Remembers              // it depends on what the tape computed before
	Stores                 // it is stored where it should be added
	ReadsUnset             // it depends on memory that was never set
)

// Diagnosis says what is wrong with the gradient in one input.
type Diagnosis struct {
	Input  int
	Cause  Cause
	Factor float64 // analytic/right, for Factor and Accumulates
	Shift  int     // for Shift: at index j is what belongs to index j+Shift
	Other  int     // for OtherInput: whose gradient it is
	Axis   int     // for Shift: the dimension, −1 for memory order; for Transposed: the first of the two
	Along  string  // of what vectors the norm or mean is: "the whole", "rows", "columns", "channels" or "blocks of […]"
	Where  string  // which elements or outputs, in words
}

// String returns the diagnosis as a sentence.
func (d Diagnosis) String() string {
	return fmt.Sprintf("input %d: %s", d.Input, d.text())
}

func (d Diagnosis) text() string {
	switch d.Cause {
	case NoGradient:
		return "no gradient arrives: the pullback forgets it"
	case Sign:
		return "the sign is wrong"
	case Factor:
		return fmt.Sprintf("it is the right gradient times %s%s", shortest(d.Factor), d.Where)
	case OtherInput:
		return fmt.Sprintf("it is the gradient of input %d", d.Other)
	case Shift:
		if d.Axis >= 0 {
			return fmt.Sprintf("it is the right gradient shifted: index j of dimension %d has what belongs to index j%+d", d.Axis, d.Shift)
		}
		return fmt.Sprintf("it is the right gradient shifted: element j has what belongs to element j%+d", d.Shift)
	case Transposed:
		return fmt.Sprintf("it is the right gradient transposed: dimensions %d and %d are exchanged", d.Axis, d.Axis+1)
	case Reversed:
		return "it is the right gradient read backwards"
	case Permuted:
		return "it has the right numbers in a wrong order"
	case NoProjection:
		return fmt.Sprintf("it lacks the term along the input (%s): the derivative of a norm is left out", d.Along)
	case NoMean:
		return fmt.Sprintf("it lacks a constant (%s): the derivative of a mean is left out", d.Along)
	case NoProjectionMean:
		return fmt.Sprintf("it lacks a constant and a term along the input (%s): the derivatives of a mean and of a variance are left out", d.Along)
	case Part:
		return "it is right in some elements only: " + d.Where
	case SomeOutputs:
		return "it is right for some outputs only: " + d.Where
	case KinkValue:
		return "it is right but at kinks, where it is not between the one-sided slopes (where several meet, move the inputs a little)"
	case Accumulates:
		return fmt.Sprintf("it grows with each run (%.6g times the first in the second): an earlier step's gradient is not cleared", d.Factor)
	case Remembers:
		return "a second run gives another gradient: something of an earlier step is kept"
	case Stores:
		return "it is stored over the contribution of another operation: want it added, unless Contribute says that it is the first"
	case ReadsUnset:
		return "it depends on memory that was never set: Scratch, Output and Contribute do not clear"
	}
	return "the difference has no simple form: a term may be missing"
}

// shortest writes a factor with as many digits as its distance from 1 needs.
func shortest(factor float64) string {
	for digits := 1; ; digits++ {
		s := strconv.FormatFloat(factor, 'g', digits, 64)
		if v, err := strconv.ParseFloat(s, 64); err != nil || digits == 17 || math.Abs(v-factor) <= 1e-3*math.Abs(factor-1) {
			return s
		}
	}
}

// diagnoseStale explains a gradient that changes from run to run: again came
// after first and a step elsewhere that gave other, third right after again.
func diagnoseStale(input int, first, other, again, third []float64) Diagnosis {
	d := Diagnosis{Input: input, Cause: Remembers}
	grown := make([]float64, len(first))
	for j := range first {
		grown[j] = third[j] - again[j]
	}
	sum := make([]float64, len(first))
	for j := range sum {
		sum[j] = other[j] + first[j] // other holds the first already
	}
	if near(grown, first, 1e-3) && near(again, sum, 1e-3) {
		d.Cause, d.Factor = Accumulates, (norm(first)+norm(grown))/norm(first)
	}
	return d
}

// maxDiagnosed bounds how many derivatives of an input are computed one by one
// for a diagnosis.
const maxDiagnosed = 512

// maxRows bounds how many leading indices of the output are tried one by one.
const maxRows = 64

// diagnose explains the wrong gradients of the verdict, input by input.
func (k *check[F]) diagnose() {
	for i := range k.inputs {
		var wrong []Finding
		for _, f := range k.verdict.Findings {
			if f.Input == i && (f.Kind == WrongGradient || f.Kind == WrongAtKink) {
				wrong = append(wrong, f)
			}
		}
		if len(wrong) == 0 {
			continue
		}
		if !slices.ContainsFunc(wrong, func(f Finding) bool { return f.Kind == WrongGradient }) {
			k.verdict.Diagnosis = append(k.verdict.Diagnosis, Diagnosis{Input: i, Cause: KinkValue})
			continue
		}
		lo, hi := k.window(i, wrong[0].Index)
		e := evidence{
			analytic: k.grads[i][lo:hi], right: k.numeric(i, lo, hi), x: make([]float64, hi-lo),
			shape: k.inputs[i].Shape, from: lo, whole: hi-lo == len(k.origin[i]),
			tolerance: k.Tolerance,
		}
		for j := range e.x {
			e.x[j] = float64(k.origin[i][lo+j])
		}
		d := e.explain()
		if d.Cause == Unexplained {
			if other, ok := k.otherInput(i, e); ok {
				d = Diagnosis{Cause: OtherInput, Other: other}
			} else if where, ok := k.outputs(i); ok {
				d = Diagnosis{Cause: SomeOutputs, Where: where}
			}
		}
		d.Input = i
		k.verdict.Diagnosis = append(k.verdict.Diagnosis, d)
	}
}

// window returns the elements of input i to compute for a diagnosis: all, or
// whole rows around one that is wrong.
func (k *check[F]) window(i, at int) (lo, hi int) {
	n := len(k.origin[i])
	if n <= maxDiagnosed {
		return 0, n
	}
	lo = max(0, min(at-maxDiagnosed/2, n-maxDiagnosed))
	if shape := k.inputs[i].Shape; lastOf(shape) <= maxDiagnosed/2 {
		lo -= lo % lastOf(shape)
	}
	return lo, lo + maxDiagnosed
}

// numeric returns the derivatives in the elements [lo, hi) of input i; NaN at
// kinks and where rounding or nearby kinks hide them.
func (k *check[F]) numeric(i, lo, hi int) []float64 {
	g := make([]float64, hi-lo)
	for j := range g {
		scale := k.scales[i][lo+j]
		line := k.element(i, lo+j)
		r := line.read(firstStep*scale, k.target(math.NaN(), k.sizes[i], scale), false)
		g[j] = r.numeric
		kink, bent, here := r.kink()
		if r.err > r.coarse || here && kink.jump() > 2*r.tolerance || bent && r.step >= kink.step {
			g[j] = math.NaN()
		}
	}
	return g
}

// otherInput looks for an input of the same size whose gradient input i got.
func (k *check[F]) otherInput(i int, e evidence) (other int, ok bool) {
	for other := range k.inputs {
		if other != i && e.whole && len(k.origin[other]) == len(e.analytic) &&
			e.are(k.numeric(other, 0, len(e.analytic))) {
			return other, true
		}
	}
	return 0, false
}

// outputs plays the tape back from the cotangent of one leading index of the
// output at a time, and says for which the gradient in input i is wrong; ok if
// that is for some only.
func (k *check[F]) outputs(i int) (where string, ok bool) {
	shape := slices.Clone(k.forward().Value.Shape)
	if len(shape) == 0 || shape[0] < 2 || shape[0] > maxRows {
		return "", false
	}
	all, grads := k.cotangent, k.grads
	defer func() { k.cotangent, k.grads = all, grads }()
	rows, width := shape[0], len(all)/shape[0]
	var wrong []int
	for r := range rows {
		k.cotangent = make([]F, len(all))
		copy(k.cotangent[r*width:(r+1)*width], all[r*width:])
		k.grads = k.gradient(k.cotangent, nil)
		if right, ok := k.judgeAlong(i, 0, len(k.origin[i])); !ok {
			return "", false
		} else if !right {
			wrong = append(wrong, r)
		}
	}
	if len(wrong) == 0 || len(wrong) == rows {
		return "", false
	}
	return fmt.Sprintf("wrong for those with leading index %s of %d", listed(wrong, 0), rows), true
}

// listed writes a few indices, moved by an offset, in words.
func listed(indices []int, offset int) string {
	first := slices.Clone(indices[:min(len(indices), shown)])
	for i := range first {
		first[i] += offset
	}
	if more := len(indices) - len(first); more > 0 {
		return fmt.Sprintf("%v and %d more", first, more)
	}
	return fmt.Sprint(first)
}
