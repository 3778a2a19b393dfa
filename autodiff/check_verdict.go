package autodiff

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// Kind says what a [Finding] is.
type Kind int

// The kinds of findings. All but Right and Kink are faults.
const (
	Right          Kind = iota // the two derivatives agree
	WrongGradient              // the analytic and the numeric derivative differ
	WrongAtKink                // not between the one-sided slopes of a kink
	Kink                       // a subgradient, between the one-sided slopes: right
	Singular                   // φ jumps, or is infinitely steep
	NotFinite                  // the value or the gradient is NaN or infinite
	NotRepeatable              // the same inputs gave another value
	StaleGradient              // a later run on the same tape gave another gradient
	StoredGradient             // a gradient was stored over another contribution
	UnsetMemory                // the gradient depends on memory that nothing has set
)

// String returns the kind in words.
func (k Kind) String() string {
	return [...]string{"right", "wrong gradient", "wrong at a kink", "kink",
		"not differentiable", "not finite", "value not repeatable", "stale gradient", "stored instead of added", "unset memory"}[k]
}

// Finding is one thing that [Check] has seen at one element of one input.
type Finding struct {
	Kind              Kind
	Input, Index      int     // the input, −1 for the output, and the element in row-major order
	Analytic, Numeric float64 // the derivatives of ⟨cotangent, f⟩
	Left, Right       float64 // the slopes on either side, for kinks
	Step              float64 // the step of the differences that decided
	Error             float64 // an estimate of Numeric's own error
}

// String returns the finding on one line.
func (f Finding) String() string {
	where := fmt.Sprintf("input %d, element %d: %v", f.Input, f.Index, f.Kind)
	switch f.Kind {
	case Kink, WrongAtKink, Singular:
		return fmt.Sprintf("%s: analytic %.9g, slopes %.9g and %.9g (step %.2g)", where, f.Analytic, f.Left, f.Right, f.Step)
	case Right, WrongGradient:
		return fmt.Sprintf("%s: analytic %.9g, numeric %.9g ± %.1g (step %.2g)", where, f.Analytic, f.Numeric, f.Error, f.Step)
	case NotRepeatable:
		return fmt.Sprintf("the value changed by %.9g when it was computed again: f must seed its random numbers anew", f.Analytic)
	case NotFinite:
		if f.Input < 0 {
			return fmt.Sprintf("output element %d is %v", f.Index, f.Analytic)
		}
		return fmt.Sprintf("%s: %v", where, f.Analytic)
	}
	return fmt.Sprintf("%s: got %.9g, want %.9g", where, f.Analytic, f.Numeric)
}

// Unexercised names the elements of an input that made no difference: their
// gradient is zero, and the function did not change at any step tried. Nothing
// is known about the gradient of what they would reach.
type Unexercised struct {
	Input, Count, Tried int
	First               []int // the first few elements, in row-major order
}

// Verdict is what [Check] has found.
type Verdict struct {
	// OK is true if nothing is wrong and at least one derivative was resolved.
	OK bool

	// Worst is the largest relative error among the derivatives that were
	// resolved, kinks left out, and WorstAt where it was.
	Worst   float64
	WorstAt Finding

	// Order is the power of the step with which the remainder of the first
	// Taylor polynomial falls along random directions through all inputs: 2
	// (or more) for a right gradient, 1 for a wrong one and at kinks. It is
	// +Inf where the remainder is rounding error from the start.
	Order float64

	// Noise is the measured rounding error of ⟨cotangent, f⟩.
	Noise float64

	Findings    []Finding     // what is wrong, at most a few of each input and kind
	Faults      int           // how many faults there were in all
	Diagnosis   []Diagnosis   // what is wrong with the gradient of each input that is wrong
	Kinks       []Finding     // accepted subgradients, at most a few
	KinkCount   int           // how many there were in all
	Unexercised []Unexercised // inputs with elements that made no difference
	Resolved    int           // derivatives that were compared to within the tolerance
	Unresolved  int           // derivatives that rounding or nearby kinks hid
	Ops         []string      // the operations f recorded, as [Tape.Ops] names them
	Evaluations int           // how often f was computed
}

// Err returns nil if the verdict is OK, and an error with its text otherwise.
func (v *Verdict) Err() error {
	if v.OK {
		return nil
	}
	return errors.New(v.String())
}

// String returns the verdict on one line if all is well, and otherwise what is
// wrong, why, and where, a line for each.
func (v *Verdict) String() string {
	var b strings.Builder
	switch {
	case v.OK:
		fmt.Fprintf(&b, "gradient right: worst relative error %.1e over %d derivatives, remainder of order %s", v.Worst, v.Resolved, orderText(v.Order))
	case v.Faults == 0:
		fmt.Fprintf(&b, "gradient unknown: none of %d derivatives stands out of the rounding error %.1e", v.Unresolved, v.Noise)
	default:
		fmt.Fprintf(&b, "gradient wrong: %d faults, remainder of order %s", v.Faults, orderText(v.Order))
	}
	if v.KinkCount > 0 {
		fmt.Fprintf(&b, "; %d kinks", v.KinkCount)
	}
	if v.Unresolved > 0 && v.Resolved > 0 {
		fmt.Fprintf(&b, "; %d unresolved", v.Unresolved)
	}
	for _, u := range v.Unexercised {
		fmt.Fprintf(&b, "; input %d: %d of %d elements made no difference, such as %v", u.Input, u.Count, u.Tried, u.First)
	}
	for _, d := range v.Diagnosis {
		fmt.Fprintf(&b, "\n  %v", d)
	}
	for _, f := range v.Findings {
		fmt.Fprintf(&b, "\n  %v", f)
	}
	return b.String()
}

func orderText(order float64) string {
	if math.IsInf(order, 1) {
		return "∞"
	}
	return fmt.Sprintf("%.1f", order)
}

// shown bounds the findings that are listed for each input and kind.
const shown = 5

// add counts a finding and lists it unless its like fills the list already.
func (v *Verdict) add(f Finding) {
	list := &v.Findings
	if f.Kind == Kink {
		list = &v.Kinks
		v.KinkCount++
	} else {
		v.Faults++
	}
	like := 0
	for _, other := range *list {
		if other.Input == f.Input && other.Kind == f.Kind {
			like++
		}
	}
	if like < shown {
		*list = append(*list, f)
	}
}
