package formula

import (
	"math"

	"github.com/expr-lang/expr/ast"
)

// Of returns the formula, compiled over one number, as a function of it: NaN
// where [Formula.Evaluate] has an error. Arithmetic and functions of numbers
// run as plain Go, which is what a search of thousands of evaluations needs;
// a formula with anything else, such as a sum, goes through Evaluate.
func (f *Formula) Of(variable string) func(float64) float64 {
	if direct := closure(f.program.Node()); direct != nil {
		return direct
	}
	return func(t float64) float64 {
		value, err := f.Evaluate(map[string]any{variable: t})
		if err != nil {
			return math.NaN()
		}
		return value
	}
}

// closure returns a node over one number as a function of it, or nil where it
// holds more than arithmetic. A truth is 1 or 0.
func closure(node ast.Node) func(float64) float64 {
	switch n := node.(type) {
	case *ast.IntegerNode:
		return constant(float64(n.Value))
	case *ast.FloatNode:
		return constant(n.Value)
	case *ast.BoolNode:
		return constant(truth(n.Value))
	case *ast.IdentifierNode:
		return func(t float64) float64 { return t }
	case *ast.UnaryNode:
		return unary(n.Operator, closure(n.Node))
	case *ast.BinaryNode:
		return binary(n.Operator, closure(n.Left), closure(n.Right))
	case *ast.ConditionalNode:
		condition, then, otherwise := closure(n.Cond), closure(n.Exp1), closure(n.Exp2)
		if condition == nil || then == nil || otherwise == nil {
			return nil
		}
		return func(t float64) float64 {
			if condition(t) != 0 {
				return then(t)
			}
			return otherwise(t)
		}
	case *ast.CallNode:
		return call(n)
	}
	return nil
}

func constant(v float64) func(float64) float64 { return func(float64) float64 { return v } }

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func unary(operator string, a func(float64) float64) func(float64) float64 {
	if a == nil {
		return nil
	}
	switch operator {
	case "+":
		return a
	case "-":
		return func(t float64) float64 { return -a(t) }
	case "not", "!":
		return func(t float64) float64 { return 1 - a(t) }
	}
	return nil
}

func binary(operator string, a, b func(float64) float64) func(float64) float64 {
	if a == nil || b == nil {
		return nil
	}
	switch operator {
	case "+":
		return func(t float64) float64 { return a(t) + b(t) }
	case "-":
		return func(t float64) float64 { return a(t) - b(t) }
	case "*":
		return func(t float64) float64 { return a(t) * b(t) }
	case "/":
		return func(t float64) float64 { return a(t) / b(t) }
	case "^", "**":
		return func(t float64) float64 { return math.Pow(a(t), b(t)) }
	case "<":
		return func(t float64) float64 { return truth(a(t) < b(t)) }
	case "<=":
		return func(t float64) float64 { return truth(a(t) <= b(t)) }
	case ">":
		return func(t float64) float64 { return truth(a(t) > b(t)) }
	case ">=":
		return func(t float64) float64 { return truth(a(t) >= b(t)) }
	case "==":
		return func(t float64) float64 { return truth(a(t) == b(t)) }
	case "!=":
		return func(t float64) float64 { return truth(a(t) != b(t)) }
	case "and", "&&":
		return func(t float64) float64 { return truth(a(t) != 0 && b(t) != 0) }
	case "or", "||":
		return func(t float64) float64 { return truth(a(t) != 0 || b(t) != 0) }
	}
	return nil
}

// call returns a call of a function of one or two numbers.
func call(n *ast.CallNode) func(float64) float64 {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return nil
	}
	var arguments []func(float64) float64
	for _, a := range n.Arguments {
		f := closure(a)
		if f == nil {
			return nil
		}
		arguments = append(arguments, f)
	}
	switch f := functions()[callee.Value]; {
	case f.one != nil && len(arguments) == 1:
		a, one := arguments[0], f.one
		return func(t float64) float64 { return one(a(t)) }
	case f.two != nil && len(arguments) == 2:
		a, b, two := arguments[0], arguments[1], f.two
		return func(t float64) float64 { return two(a(t), b(t)) }
	}
	return nil
}
