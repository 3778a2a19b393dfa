package formula

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// Formula is what a person typed: numbers, variables, + − * / ^ %,
// comparisons, and, or, not, c ? a : b, indices from 1 as in x[j] or W[i][j],
// sums as in sum(i, 1, N, g[i]*x[i]), brackets as in when(j > 2), and the other
// functions that [Functions] lists.
//
// Nothing that is typed can run for long or take much memory: the text and its
// tree are bounded, and every loop is a sum over a range that is paid for from
// a fixed budget before it runs.
type Formula struct {
	text    string
	program *vm.Program
}

// Bounds of a formula.
const (
	maxText  = 1000  // characters
	maxNodes = 400   // of the tree
	maxTerms = 20000 // of all sums together, in one evaluation
	maxWork  = 1e5   // terms times instructions, which bounds the time
)

// Compile reads a formula over the given variables, each with a value of its
// type: float64, []float64 or [][]float64. The error says at which character
// what is wrong.
func Compile(text string, variables map[string]any) (*Formula, error) {
	if len(text) > maxText {
		return nil, fmt.Errorf("a formula of %d characters: want at most %d", len(text), maxText)
	}
	options := []expr.Option{expr.Env(variables), expr.DisableAllBuiltins(), expr.Optimize(false), expr.MaxNodes(maxNodes)}
	for name, f := range functions() {
		options = append(options, expr.Function(name, f.call))
	}
	options = append(options, expr.Function("element", element), expr.Function("whole", whole, new(func(any) int)),
		expr.Function("sum", element)) // is rewritten; the name must be no builtin's
	rewriter := &rewriter{known: variables}
	options = append(options, expr.Patch(rewriter))
	program, err := expr.Compile(text, options...)
	if rewriter.err != nil {
		return nil, rewriter.err
	}
	if err != nil {
		return nil, oneLine(err)
	}
	return &Formula{text, program}, nil
}

// String returns the formula as it was typed.
func (f *Formula) String() string { return f.text }

// Evaluate computes the formula for variables of the types it was compiled for,
// or int for a number. It is an error where an index is outside its array,
// where the result is no number, and where the sums have too many terms.
func (f *Formula) Evaluate(at map[string]any) (value float64, err error) {
	machine := vm.VM{MemoryBudget: min(maxTerms, maxWork/uint(len(f.program.Bytecode)))}
	result, err := machine.Run(f.program, at)
	if err != nil {
		return 0, oneLine(err)
	}
	value, ok := number(result)
	if !ok {
		return 0, fmt.Errorf("%s is a %T: want a number", f.text, result)
	}
	return value, nil
}

// number reads a result of expr as a float.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	case bool:
		if v { // a bracket [P]: 1 if P holds
			return 1, true
		}
		return 0, true
	}
	return math.NaN(), false
}

// oneLine keeps the message of an error of expr and where it stands, and drops
// the picture that spans lines.
func oneLine(err error) error {
	var at *file.Error
	if errors.As(err, &at) {
		message := strings.TrimPrefix(at.Message, "reflect: ")
		return fmt.Errorf("character %d: %s", at.Column+1, message)
	}
	return errors.New(strings.SplitN(err.Error(), "\n", 2)[0])
}
