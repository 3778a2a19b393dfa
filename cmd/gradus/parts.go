package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gradus-ml/gradus/internal/formula"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
)

// partKind is one choice of a part of the training step: NAME, or NAME:A,B
// with numbers in the order of parameters.
type partKind[T any] struct {
	name       string
	parameters string    // such as "LAMBDA,S"
	defaults   []float64 // where the numbers may be left out altogether
	make       func(v []float64) T
}

// readPart reads the text of a flag as one of kinds, and asks what it made.
func readPart[T any](flag, text string, kinds []partKind[T]) (T, error) {
	var none T
	name, list, listed := strings.Cut(strings.TrimSpace(text), ":")
	var usages []string
	for _, k := range kinds {
		usage := k.name
		if k.parameters != "" {
			usage += ":" + k.parameters
		}
		usages = append(usages, usage)
		if k.name != name {
			continue
		}
		values, err := numbersOf(list, listed, k.parameters, k.defaults)
		if err != nil {
			return none, badInputf("%s %s: %v: want %s", flag, text, err, usage)
		}
		made := k.make(values)
		if v, ok := any(made).(interface{ Validate() error }); ok {
			if err := v.Validate(); err != nil {
				return none, badInputf("%s %s: %v", flag, text, err)
			}
		}
		return made, nil
	}
	return none, badInputf("%s %s: no such name: want one of %s", flag, text, strings.Join(usages, " "))
}

// numbersOf reads numbers between commas, one for each of parameters.
func numbersOf(list string, listed bool, parameters string, defaults []float64) ([]float64, error) {
	var names []string
	if parameters != "" {
		names = strings.Split(parameters, ",")
	}
	if !listed {
		if len(names) > 0 && defaults == nil {
			return nil, fmt.Errorf("no numbers")
		}
		return defaults, nil
	}
	fields := strings.Split(list, ",")
	if len(fields) != len(names) {
		return nil, fmt.Errorf("%d numbers", len(fields))
	}
	values := make([]float64, len(fields))
	for i, field := range fields {
		v, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
		if err != nil {
			return nil, fmt.Errorf("%s is %q", names[i], field)
		}
		values[i] = v
	}
	return values, nil
}

// readEstimator reads --estimator: kinds joined by +.
func readEstimator(text string) (optim.Estimator[float32], error) {
	ema := func(start optim.Start) func(v []float64) optim.Estimator[float32] {
		return func(v []float64) optim.Estimator[float32] { return optim.EMA[float32]{Q: v[0], Start: start} }
	}
	kinds := []partKind[optim.Estimator[float32]]{
		{"raw", "", nil, func([]float64) optim.Estimator[float32] { return optim.Raw[float32]{} }},
		{"ema", "Q", nil, ema(optim.BiasCorrected)},
		{"ema-zero", "Q", nil, ema(optim.FromZero)},
		{"ema-first", "Q", nil, ema(optim.FromFirstGradient)},
		{"heavy-ball", "M", nil, func(v []float64) optim.Estimator[float32] { return optim.HeavyBall[float32]{Mu: v[0]} }},
		{"nesterov", "M", nil, func(v []float64) optim.Estimator[float32] { return optim.Nesterov[float32]{Mu: v[0]} }},
		{"adam", "BETA1,BETA2,EPSILON", []float64{0.9, 0.999, 1e-8}, func(v []float64) optim.Estimator[float32] {
			return optim.AdamMoments[float32]{Beta1: v[0], Beta2: v[1], Epsilon: v[2]}
		}},
		{"clip-value", "MAX", nil, func(v []float64) optim.Estimator[float32] { return optim.ClipValue[float32]{Max: v[0]} }},
	}
	var parts []optim.Estimator[float32]
	for one := range strings.SplitSeq(text, "+") {
		part, err := readPart("--estimator", one, kinds)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	chain := optim.Chain(parts...)
	if err := chain.Validate(); err != nil {
		return nil, badInputf("--estimator %s: %v", text, err)
	}
	return chain, nil
}

// readGeometry reads --geometry.
func readGeometry(text string) (prox.Geometry[float32], error) {
	return readPart("--geometry", text, []partKind[prox.Geometry[float32]]{
		{"euclidean", "", nil, func([]float64) prox.Geometry[float32] { return prox.Euclidean[float32]{} }},
		{"diagonal", "", nil, func([]float64) prox.Geometry[float32] { return prox.Diagonal[float32]{} }},
		{"box", "LO,HI", nil, func(v []float64) prox.Geometry[float32] { return prox.EntropyBox[float32]{Lo: v[0], Hi: v[1]} }},
	})
}

// penalty is what --penalty says.
type penalty struct {
	of     prox.Penalty[float32] // nil for none, and for l2, which --decay places
	isL2   bool
	l2     float64 // the lambda of l2
	ofRows bool    // of hidden rows and filters, each as a whole
}

// givesZeros reports whether weights can end at exactly zero.
func (p penalty) givesZeros() bool {
	switch of := p.of.(type) {
	case prox.L1[float32], prox.ElasticNet[float32]:
		return true
	case prox.Norm[float32]:
		_, ball := of.Rho.(prox.Ball)
		return !ball
	}
	return false
}

// readPenalty reads --penalty, "" for none.
func readPenalty(text string) (penalty, error) {
	if text == "" {
		return penalty{}, nil
	}
	if rho, ok := strings.CutPrefix(text, "norm:"); ok {
		radial, err := readRadial(rho)
		return penalty{of: prox.Norm[float32]{Rho: radial, Per: prox.PerRow}, ofRows: true}, err
	}
	rows := func(rho func(v []float64) prox.Radial) func(v []float64) prox.Penalty[float32] {
		return func(v []float64) prox.Penalty[float32] {
			return prox.Norm[float32]{Rho: rho(v), Per: prox.PerRow}
		}
	}
	read, err := readPart("--penalty", text, []partKind[prox.Penalty[float32]]{
		{"l2", "LAMBDA", nil, func(v []float64) prox.Penalty[float32] { return prox.L2[float32]{Lambda: v[0]} }},
		{"l1", "LAMBDA", nil, func(v []float64) prox.Penalty[float32] { return prox.L1[float32]{Lambda: v[0]} }},
		{"elastic", "L1,L2", nil, func(v []float64) prox.Penalty[float32] {
			return prox.ElasticNet[float32]{Lambda1: v[0], Lambda2: v[1]}
		}},
		{"box", "LO,HI", nil, func(v []float64) prox.Penalty[float32] { return prox.Box[float32]{Lo: v[0], Hi: v[1]} }},
		{"group", "LAMBDA", nil, rows(func(v []float64) prox.Radial { return prox.Linear{Lambda: v[0]} })},
		{"ball", "RADIUS", nil, rows(func(v []float64) prox.Radial { return prox.Ball{Radius: v[0]} })},
		{"log", "LAMBDA,S", nil, rows(func(v []float64) prox.Radial { return prox.Log{Lambda: v[0], Scale: v[1]} })},
		{"power", "LAMBDA,P", nil, rows(func(v []float64) prox.Radial { return prox.Power{Lambda: v[0], P: v[1]} })},
		{"norm", "FORMULA", nil, nil},
	})
	if err != nil {
		return penalty{}, err
	}
	switch p := read.(type) {
	case prox.L2[float32]:
		return penalty{isL2: true, l2: p.Lambda}, nil
	case prox.Norm[float32]:
		return penalty{of: p, ofRows: true}, nil
	}
	return penalty{of: read}, nil
}

// readRadial reads a formula in r as a penalty of a norm.
func readRadial(text string) (prox.Radial, error) {
	f, err := formula.Compile(text, map[string]any{"r": 0.})
	if err != nil {
		return nil, badInputf("--penalty norm:%s: %v: want a formula in r, such as 0.01*sqrt(r)", text, err)
	}
	rho := f.Of("r")
	for r := 1e-6; r < 1e4; r *= 1.2 {
		if v := rho(r); !(v >= 0) {
			return nil, badInputf("--penalty norm:%s: it is %v at r = %.3g: want a penalty of at least 0 everywhere", text, v, r)
		}
	}
	custom := &prox.Custom{Name: text, Rho: rho}
	if err := custom.Validate(); err != nil {
		return nil, badInputf("--penalty norm:%s: %v", text, err)
	}
	return custom, nil
}
