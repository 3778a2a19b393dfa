package moments

import (
	"fmt"
	"math"
	"strings"
	"text/tabwriter"
)

// Table is the moments after each layer. It is plain data, for JSON too.
type Table struct {
	Rows []Row `json:"rows"` // the input first
}

// Row is one layer: inside Sequential and Residual one for each inner layer,
// and for a Residual one more for the sum.
type Row struct {
	Path      string  `json:"path"`
	Kind      string  `json:"kind"`
	Shape     []int   `json:"shape"` // of one example
	Predicted Values  `json:"predicted"`
	Measured  *Values `json:"measured,omitempty"` // where a batch was measured
}

// Values are the moments of a layer's outputs over examples, units and places.
type Values struct {
	Mean     float64 `json:"mean"`
	Variance float64 `json:"variance"`

	// Likeness is the cosine between two examples, E yy'/E y²: where it is
	// near 1 the layer hardly tells them apart. 0 where E y² is.
	Likeness float64 `json:"likeness"`

	// Gradient is the second moment of the gradient in the outputs, relative to
	// that in the outputs of the model.
	Gradient float64 `json:"gradient"`

	// Constant is the share of units that are the same for every example, such
	// as dead ones; only measured.
	Constant float64 `json:"constant,omitempty"`

	// Histogram is of the outputs; only measured, nil where they do not vary.
	Histogram *Histogram `json:"histogram,omitempty"`
}

// SecondMoment is Variance + Mean².
func (v Values) SecondMoment() float64 { return v.Variance + v.Mean*v.Mean }

func valuesOf(m Moments) Values {
	p := m.Pooled()
	v := Values{Mean: p.Mean, Variance: p.Variance}
	if p.second() > 0 {
		v.Likeness = (p.Covariance + p.Mean*p.Mean) / p.second()
	}
	return v
}

// String returns the table as text: what was measured stands behind what was
// predicted.
func (t *Table) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "layer\tkind\toutput\tmean\tvariance\tlikeness\tgradient")
	for _, r := range t.Rows {
		fmt.Fprintf(w, "%s\t%s\t%v", r.Path, r.Kind, r.Shape)
		for _, of := range []func(Values) float64{
			func(v Values) float64 { return v.Mean }, func(v Values) float64 { return v.Variance },
			func(v Values) float64 { return v.Likeness }, func(v Values) float64 { return v.Gradient },
		} {
			fmt.Fprintf(w, "\t%s", short(of(r.Predicted)))
			if r.Measured != nil {
				fmt.Fprintf(w, " (%s)", short(of(*r.Measured)))
			}
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush() // a strings.Builder does not fail
	return b.String()
}

// short writes a number with three digits.
func short(v float64) string {
	if v != 0 && (math.Abs(v) < 1e-3 || math.Abs(v) >= 1e4) {
		return fmt.Sprintf("%.1e", v)
	}
	return fmt.Sprintf("%.3f", v)
}
