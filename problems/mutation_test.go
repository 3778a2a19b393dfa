package problems

import (
	"context"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// A mutation is a mistake in one field of the inputs that a solver sees, or of
// the results that it returns.
type mutation struct {
	name   string
	floats func([]float64)   // changes a list of numbers, of one if the field is a number
	rows   func([][]float64) // the same for the rows of a matrix
	ints   func([]int)
}

// mutations are the mistakes that people make.
func mutations() []mutation {
	eachRow := func(f func([]float64)) func([][]float64) {
		return func(m [][]float64) {
			for _, row := range m {
				f(row)
			}
		}
	}
	sign := func(x []float64) {
		for i := range x {
			x[i] = -x[i]
		}
	}
	factor := func(x []float64) {
		for i := range x {
			x[i] *= 1.01
		}
	}
	return []mutation{
		{"sign", sign, eachRow(sign), nil},
		{"factor", factor, eachRow(factor), nil},
		{"index", rotate[float64], rotate[[]float64], rotate[int]},
		{"boundary", func(x []float64) {
			if len(x) > 1 {
				x[len(x)-1] = x[0]
			}
		}, func(m [][]float64) {
			if len(m) > 1 {
				copy(m[len(m)-1], m[0])
			}
		}, func(n []int) {
			if len(n) > 0 {
				n[len(n)-1]++
			}
		}},
	}
}

// rotate moves every element by one place.
func rotate[T any](x []T) {
	if len(x) > 1 {
		last := x[len(x)-1]
		copy(x[1:], x)
		x[0] = last
	}
}

// mutate returns a copy of a struct with one field changed, and whether
// anything is different.
func mutate(s any, field string, m mutation) (any, bool) {
	v := reflect.New(reflect.TypeOf(s)).Elem()
	v.Set(clone(reflect.ValueOf(s)))
	f := v.FieldByName(field)
	switch x := f.Addr().Interface().(type) {
	case *float64:
		one := []float64{*x}
		m.floats(one)
		*x = one[0]
	case *[]float64:
		m.floats(*x)
	case *[][]float64:
		m.rows(*x)
	case *[]int:
		if m.ints != nil {
			m.ints(*x)
		}
	}
	return v.Interface(), !reflect.DeepEqual(s, v.Interface())
}

// clone copies a value and the slices in it.
func clone(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			c.Index(i).Set(clone(v.Index(i)))
		}
		return c
	case reflect.Struct:
		c := reflect.New(v.Type()).Elem()
		for i := range v.NumField() {
			c.Field(i).Set(clone(v.Field(i)))
		}
		return c
	}
	return v
}

// invariances lists the changes of inputs that do not change what is right,
// and why.
func invariances() map[string]string {
	const (
		normalised = "the result is normalised"
		unordered  = "the rows have no order"
		mirrored   = "distances are the same from behind a mirror"
		product    = "the fans are products over the dimensions"
		start      = "all interior starts lead to the same maximum"
	)
	return map[string]string{
		"node-statistics/empirical_linear/input/X/index":              unordered,
		"node-statistics/fans/input/Kernel/index":                     product,
		"node-statistics/fans/input/Stride/index":                     product,
		"node-statistics/conv_variance_map/input/Second/index":        "the result is a sum over the channels",
		"node-statistics/gain/input/Alpha/sign":                       "the slope is squared",
		"kmeans/kmeanspp/input/X/sign":                                mirrored,
		"kmeans/kmeanspp/input/X/factor":                              "only ratios of distances count",
		"kmeans/optimum/input/X/sign":                                 mirrored,
		"kl-cross-entropy/weighted_ce_minimiser/input/Weights/factor": normalised,
		"norm-prox/prox_jacobian/input/A/sign":                        "the map is odd",
		"prior-shift/reweight_logits/input/TrainPrior/factor":         normalised,
		"prior-shift/reweight_logits/input/TargetPrior/factor":        normalised,
		"prior-shift/bayes_decision/input/TrainPrior/factor":          normalised,
		"prior-shift/bayes_decision/input/TargetPrior/factor":         normalised,
		"prior-shift/em/input/TrainPrior/factor":                      normalised,
		"prior-shift/em/input/Init/factor":                            normalised,
		"prior-shift/em/input/Posterior/index":                        unordered,
		"prior-shift/em_converged/input/TrainPrior/factor":            normalised,
		"prior-shift/em_converged/input/Init/factor":                  normalised,
		"prior-shift/em_converged/input/Posterior/index":              unordered,
		"prior-shift/em_converged/input/Init/index":                   start,
		"prior-shift/em_converged/input/Init/boundary":                start,
	}
}

// TestChecksCatchMutations plants each mutation in each field of the results,
// and of the inputs, of each solver, and demands that the check sees it within
// a few cases, or the solver refuses it.
func TestChecksCatchMutations(t *testing.T) {
	allowed := invariances()
	for _, p := range All() {
		for _, o := range p.Operations {
			for _, m := range mutations() {
				for _, where := range []string{"result", "input"} {
					for _, field := range o.fieldsOf(where) {
						name := strings.Join([]string{p.Slug, o.Name, where, field, m.name}, "/")
						changed, caught := o.plant(where, field, m)
						if _, ok := allowed[name]; ok {
							delete(allowed, name)
							if caught {
								t.Errorf("%s is caught: it needs no excuse", name)
							}
						} else if changed && !caught {
							t.Errorf("%s: the check does not see it", name)
						}
					}
				}
			}
		}
	}
	for name := range allowed {
		t.Errorf("%s: no such mutation", name)
	}
}

// fieldsOf returns the Go names of the fields of the inputs or results.
func (o Operation) fieldsOf(where string) (names []string) {
	record := func(s any) any {
		names = nil
		for _, f := range reflect.VisibleFields(reflect.TypeOf(s)) {
			names = append(names, f.Name)
		}
		return s
	}
	change := corruption{output: record}
	if where == "input" {
		change = corruption{input: record}
	}
	if _, err := o.run(context.Background(), 1, 1, change); err != nil {
		panic(err)
	}
	return names
}

// plant runs the check on a mutated solver until it is caught.
func (o Operation) plant(where, field string, m mutation) (changed, caught bool) {
	hook := func(s any) any {
		mutant, different := mutate(s, field, m)
		changed = changed || different
		return mutant
	}
	change := corruption{output: hook}
	if where == "input" {
		change = corruption{input: hook}
	}
	for seed := range uint64(60) {
		c, err := o.run(context.Background(), seed, 1, change)
		if err != nil || c.Worst > 1 {
			return true, true
		}
	}
	return changed, false
}

func TestNaNIsWrong(t *testing.T) {
	c := &Comparison{}
	c.near("x", math.NaN(), 1, 1)
	if c.Worst <= 1 {
		t.Error("NaN passes for 1")
	}
	c = &Comparison{}
	c.near("x", 1, math.NaN(), 1)
	if c.Worst <= 1 {
		t.Error("1 passes for NaN")
	}
}

func TestDistributionsSumToOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		sum := 0.0
		for _, p := range distribution(rng, 1+rng.IntN(6)) {
			if p <= 0 {
				t.Fatal("a probability of 0")
			}
			sum += p
		}
		if sum != 1 {
			t.Fatal(sum)
		}
	}
}
