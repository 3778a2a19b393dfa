package problems

import "github.com/gradus-ml/gradus/internal/formula"

// Instance gives values to the variables of a formula: float64, int,
// []float64 or [][]float64 by name.
type Instance map[string]any

// Expression is a learner's formula, as gradus answer describes it. Nothing
// that a learner types can run for long or take much memory.
type Expression = formula.Formula

// Compile reads a formula over the given variables. The error says at which
// character what is wrong.
func Compile(text string, variables []Variable) (*Expression, error) {
	types := map[string]any{}
	for _, v := range variables {
		types[v.Name] = v.example()
	}
	return formula.Compile(text, types)
}

// Functions lists the functions that formulas may call, as they are written.
func Functions() []string { return formula.Functions() }
