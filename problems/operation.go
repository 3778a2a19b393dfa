package problems

import (
	"math/rand/v2"
	"reflect"
)

// Operation is one thing that a problem computes: a typed solver, and an
// independent method that holds it to its definition.
type Operation struct {
	Name    string
	Method  string   // how the check knows what is right
	Inputs  []string // the fields of the JSON object that Solve takes
	Results []string // the fields of the one that it returns

	solve  func(inputs []byte) ([]byte, error)
	verify func(rng *rand.Rand, c *Comparison, change corruption) error
}

// Solve decodes a JSON object of inputs, computes, and returns a JSON object
// of results. Errors carry a code: see [Code].
func (o Operation) Solve(inputs []byte) ([]byte, error) { return o.solve(inputs) }

// definition is what an operation is built from. In and Out are structs whose
// json tags are the names of the fields.
type definition[In, Out any] struct {
	name   string
	method string

	// solve calls the packages that do the work.
	solve func(In) (Out, error)

	// draw makes a random valid instance; edge cases have their share.
	draw func(*rand.Rand) In

	// check computes the results, or properties that determine them, in another
	// way and compares. It must not call what solve calls.
	check func(c *Comparison, in In, out Out)
}

// corruption changes the inputs that a solver sees and the results that it
// returns, behind the back of the check: how a test plants mistakes.
type corruption struct{ input, output func(any) any }

// operation is the one constructor of operations.
func operation[In, Out any](d definition[In, Out]) Operation {
	return Operation{
		Name: d.name, Method: d.method,
		Inputs:  fieldNames(reflect.TypeFor[In]()),
		Results: fieldNames(reflect.TypeFor[Out]()),
		solve: func(inputs []byte) ([]byte, error) {
			var in In
			if err := decode(inputs, &in); err != nil {
				return nil, err
			}
			out, err := d.solve(in)
			if err != nil {
				return nil, err
			}
			return encode(nil, reflect.ValueOf(out)), nil
		},
		verify: func(rng *rand.Rand, c *Comparison, change corruption) error {
			in := d.draw(rng)
			c.instance = in
			seen := in
			if change.input != nil {
				seen = change.input(in).(In)
			}
			out, err := d.solve(seen)
			if err != nil {
				return err
			}
			if change.output != nil {
				out = change.output(out).(Out)
			}
			d.check(c, in, out)
			return nil
		},
	}
}
