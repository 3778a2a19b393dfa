package problems

import (
	"fmt"
	"math"
	"reflect"
)

// Comparison collects how far results are from what an independent method
// says. It keeps the worst, measured in units of what is tolerated.
type Comparison struct {
	Worst     float64 // error over tolerance; above 1 is wrong
	Error     float64 // of the worst: |got − want|/(1 + |want|)
	Tolerance float64
	Field     string // of the worst
	Instance  string // of the worst, as JSON

	instance any
}

// near compares two numbers: an error of |got − want|/(1 + |want|) up to the
// tolerance is right. Equal infinities are equal; NaN is always wrong.
func (c *Comparison) near(field string, got, want, tolerance float64) {
	e := math.Abs(got-want) / (1 + math.Abs(want))
	if got == want {
		e = 0
	} else if math.IsNaN(e) || math.IsInf(want, 0) {
		e = math.Inf(1)
	}
	c.add(field, e, tolerance)
}

// add takes an error ≥ 0 that was measured in another way.
func (c *Comparison) add(field string, e, tolerance float64) {
	if math.IsNaN(e) {
		e = math.Inf(1)
	}
	if worst := e / tolerance; worst > c.Worst || c.Tolerance == 0 {
		c.Worst, c.Error, c.Tolerance, c.Field = worst, e, tolerance, field
		if c.instance != nil {
			c.Instance = string(encode(nil, reflect.ValueOf(c.instance)))
		}
	}
}

// atMost asks for got ≤ limit, but for rounding.
func (c *Comparison) atMost(field string, got, limit, tolerance float64) {
	c.add(field, max(0, got-limit)/(1+math.Abs(limit)), tolerance)
}

// demand asks for a condition without a tolerance.
func (c *Comparison) demand(field string, holds bool) {
	e := 0.0
	if !holds {
		e = math.Inf(1)
	}
	c.add(field, e, exact)
}

// exact is the tolerance of what is right or wrong.
const exact = 1

// vector compares two vectors, element by element.
func (c *Comparison) vector(field string, got, want []float64, tolerance float64) {
	if len(got) != len(want) {
		c.demand(fmt.Sprintf("length of %s", field), false)
		return
	}
	for i := range want {
		c.near(field, got[i], want[i], tolerance)
	}
}

// matrix compares two matrices.
func (c *Comparison) matrix(field string, got, want [][]float64, tolerance float64) {
	if len(got) != len(want) {
		c.demand(fmt.Sprintf("rows of %s", field), false)
		return
	}
	for i := range want {
		c.vector(field, got[i], want[i], tolerance)
	}
}
