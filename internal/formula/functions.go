package formula

import (
	"fmt"
	"math"
	"slices"
)

// function is one that formulas may call.
type function struct {
	usage string // such as "log(t)"
	call  func(arguments ...any) (any, error)

	// The same on plain numbers, for functions of one or two; else nil.
	one func(t float64) float64
	two func(s, t float64) float64
}

// Functions lists the functions that formulas may call, as they are written.
func Functions() []string {
	var names []string
	for _, f := range functions() {
		names = append(names, f.usage)
	}
	slices.Sort(names)
	return append(names, "sum(i, from, to, term)")
}

func functions() map[string]function {
	all := map[string]function{
		"norm":  ofVectors("norm(x)", 1, func(v ...[]float64) float64 { return math.Sqrt(dot(v[0], v[0])) }),
		"dot":   ofVectors("dot(x, y)", 2, func(v ...[]float64) float64 { return dot(v[0], v[1]) }),
		"total": ofVectors("total(x)", 1, func(v ...[]float64) float64 { return total(v[0]) }),
		"count": ofVectors("count(x)", 1, func(v ...[]float64) float64 { return float64(len(v[0])) }),
		"max":   ofTwo("max(s, t)", math.Max),
		"min":   ofTwo("min(s, t)", math.Min),
		"when":  ofOne("when(P)", func(t float64) float64 { return t }), // the bracket [P]
		"pi":    {usage: "pi()", call: ofNumbers(0, func(...float64) float64 { return math.Pi })},
	}
	for name, f := range map[string]func(float64) float64{
		"exp": math.Exp, "log": math.Log, "log1p": math.Log1p, "expm1": math.Expm1, "sqrt": math.Sqrt, "abs": math.Abs,
		"sigmoid": func(t float64) float64 { return 1 / (1 + math.Exp(-t)) },
		"logit":   func(t float64) float64 { return math.Log(t) - math.Log1p(-t) },
		"sign": func(t float64) float64 {
			switch {
			case t > 0:
				return 1
			case t < 0:
				return -1
			}
			return t
		},
	} {
		all[name] = ofOne(name+"(t)", f)
	}
	return all
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

func total(a []float64) float64 {
	sum := 0.0
	for _, v := range a {
		sum += v
	}
	return sum
}

func ofOne(usage string, f func(float64) float64) function {
	return function{usage: usage, one: f, call: ofNumbers(1, func(t ...float64) float64 { return f(t[0]) })}
}

func ofTwo(usage string, f func(s, t float64) float64) function {
	return function{usage: usage, two: f, call: ofNumbers(2, func(t ...float64) float64 { return f(t[0], t[1]) })}
}

func ofNumbers(n int, f func(...float64) float64) func(...any) (any, error) {
	return func(arguments ...any) (any, error) {
		if len(arguments) != n {
			return nil, fmt.Errorf("%d arguments: want %d", len(arguments), n)
		}
		t := make([]float64, n)
		for i, a := range arguments {
			v, ok := number(a)
			if !ok {
				return nil, fmt.Errorf("argument %d is an array: want a number", i+1)
			}
			t[i] = v
		}
		return f(t...), nil
	}
}

func ofVectors(usage string, n int, f func(...[]float64) float64) function {
	return function{usage: usage, call: func(arguments ...any) (any, error) {
		if len(arguments) != n {
			return nil, fmt.Errorf("%d arguments: want %d", len(arguments), n)
		}
		vectors := make([][]float64, n)
		for i, a := range arguments {
			v, ok := a.([]float64)
			if !ok {
				return nil, fmt.Errorf("argument %d is no vector", i+1)
			}
			if len(v) != len(vectors[0]) && i > 0 {
				return nil, fmt.Errorf("vectors of %d and %d elements", len(vectors[0]), len(v))
			}
			vectors[i] = v
		}
		return f(vectors...), nil
	}}
}

// element is x[j], counted from 1.
func element(arguments ...any) (any, error) {
	index, ok := number(arguments[1])
	if !ok || index != math.Trunc(index) {
		return nil, fmt.Errorf("index %v: want a whole number", arguments[1])
	}
	var length int
	switch x := arguments[0].(type) {
	case []float64:
		if length = len(x); index >= 1 && index <= float64(length) {
			return x[int(index)-1], nil
		}
	case [][]float64:
		if length = len(x); index >= 1 && index <= float64(length) {
			return x[int(index)-1], nil
		}
	default:
		return nil, fmt.Errorf("an index on a number")
	}
	return nil, fmt.Errorf("index %v of an array whose indices run from 1 to %d", index, length)
}

// whole is the bound of a sum as a whole number.
func whole(arguments ...any) (any, error) {
	t, ok := number(arguments[0])
	if !ok || t != math.Trunc(t) || math.Abs(t) > maxTerms {
		return 0, fmt.Errorf("a sum with the bound %v: want a whole number of at most %d", arguments[0], maxTerms)
	}
	return int(t), nil
}
