package optim

import (
	"fmt"
	"iter"
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

// Optimizer takes the steps of a rule on the parameters of a model and keeps
// what the rule remembers of them. It is not safe for concurrent use.
type Optimizer[F tensor.Float] struct {
	// SinglePass makes Step look at a gradient when it steps along it, and not
	// at all of them before: a pass through memory less, for large parameters.
	// What an error then finds is no longer as it was: where the gradient is
	// finite a parameter has taken the step, but for some elements beside those
	// where it is not, which are left alone; the way back is a checkpoint. It is
	// of no effect where an estimator clips by the norm of all gradients; to
	// others, Now.GradientNorm is NaN.
	SinglePass bool

	params []param[F]
	rules  []*rule[F] // the rule of each group, then the one of the rest
	steps  int
	pass   pass[F]
}

// param is a parameter with its rule and what that remembers of it.
type param[F tensor.Float] struct {
	*nn.Param[F]
	path  string
	rule  *rule[F]
	slots [][]F // in the order of rule.slots
	size  int   // of the parameter when the optimiser was built
	piece int   // elements that the solver ties together, 0 if none
	block int   // elements that are taken through the step together
	large bool  // larger than what a core's caches hold
	past  bool  // of a size that is written past the caches
	next  []F   // where a step that can be taken back writes the dual state, or nil
	image bool  // the value is the image of the dual state, to the last bit
}

// New returns an optimiser of params, as nn.Params yields them. A parameter
// follows the step of the first group that holds it, the others follow step.
//
// It returns an error where a hyperparameter is outside its domain, a penalty
// has no closed form with its geometry (the error names both), a parameter is
// outside its geometry's domain, a group holds no parameter, or there is no
// parameter at all.
func New[F tensor.Float](params iter.Seq2[string, *nn.Param[F]], step Step[F], groups ...Group[F]) (*Optimizer[F], error) {
	o := &Optimizer[F]{}
	for _, g := range groups {
		if err := g.validate(); err != nil {
			return nil, fmt.Errorf("optim: %w", err)
		}
		r, err := g.Step.build()
		if err != nil {
			return nil, fmt.Errorf("optim: group %q: %w", g.Match, err)
		}
		o.rules = append(o.rules, r)
	}
	r, err := step.build()
	if err != nil {
		return nil, fmt.Errorf("optim: %w", err)
	}
	o.rules = append(o.rules, r)

	held := make([]int, len(o.rules))
	for path, p := range params {
		i := 0
		for i < len(groups) && !groups[i].holds(path, p) {
			i++
		}
		held[i]++
		if err := o.add(path, p, o.rules[i]); err != nil {
			return nil, fmt.Errorf("optim: %s: %w", path, err)
		}
	}
	for i, g := range groups {
		if held[i] == 0 {
			return nil, fmt.Errorf("optim: group %q holds no parameter that no group before it holds", g.Match)
		}
	}
	if len(o.params) == 0 {
		return nil, fmt.Errorf("optim: the model has no parameters")
	}
	if canRenew(o.params) {
		for i := range o.params {
			p := &o.params[i]
			p.next = beside(p.Value.Data)
		}
	}
	o.pass.plan(o.params)
	return o, nil
}

// add makes the slots of one parameter.
func (o *Optimizer[F]) add(path string, p *nn.Param[F], r *rule[F]) error {
	shape, n := p.Value.Shape, len(p.Value.Data)
	if f, ok := r.penalty.(prox.Fitter); ok {
		if err := f.Fits(shape); err != nil {
			return err
		}
	}
	slots := make([][]F, len(r.slots))
	for i := range slots {
		slots[i] = beside(p.Value.Data)
	}
	if r.mirror != nil {
		dual, length := slots[len(slots)-1], r.mirror.Piece(shape)
		if length == 0 {
			length = n
		}
		for at := 0; at < n; at += length {
			if err := r.mirror.ToDual(dual[at:at+length], p.Value.Data[at:at+length]); err != nil {
				return err
			}
		}
	}
	piece := r.solver.Piece(shape)
	o.params = append(o.params, param[F]{p, path, r, slots, n, piece, blockOf(piece), simd.Large(p.Value.Data), simd.PastCaches(p.Value.Data), nil, false})
	return nil
}

// beside returns zeros for each element of a parameter. Large parameters start
// with a page, so that these start within one.
func beside[F tensor.Float](x []F) []F {
	if simd.Large(x) {
		return simd.MidPage[F](len(x))
	}
	return simd.Make[F](len(x))
}

// Step takes one step along the gradients in the parameters' Grad. Frozen
// parameters are left alone, with what is remembered of them.
//
// It returns an error, and has then changed nothing (but see SinglePass), if a
// parameter has no gradient, or one with a NaN or an infinity (the error names
// the parameter and the step), or if the schedule yields a step size that is
// negative or not finite. Large parameters of a mirror geometry are then the
// images of their dual states, whatever was written to them since the step
// before.
func (o *Optimizer[F]) Step() error {
	for _, r := range o.rules {
		rate := r.rate.At(o.steps)
		if !(rate >= 0) || math.IsInf(rate, 1) {
			return fmt.Errorf("optim: step %d: %T gives the step size %v: want a finite number of at least 0", o.steps+1, r.rate, rate)
		}
		r.current = rate * r.gain
	}
	for i := range o.params {
		p := &o.params[i]
		switch n := p.size; {
		case p.Frozen:
		case p.Grad == nil:
			return fmt.Errorf("optim: step %d: %s has no gradient: want a backward pass first, or the parameter frozen", o.steps+1, p.path)
		case len(p.Value.Data) != n || len(p.Grad.Data) != n:
			return fmt.Errorf("optim: step %d: %s has %d elements and a gradient of %d: want the %d it was built with", o.steps+1, p.path, len(p.Value.Data), len(p.Grad.Data), n)
		}
	}
	if err := o.pass.run(o.steps+1, o.SinglePass); err != nil {
		return err
	}
	o.steps++
	return nil
}

// Steps returns the number of steps taken.
func (o *Optimizer[F]) Steps() int { return o.steps }

// LearningRate returns the step size that the next step will use, for
// parameters in no group.
func (o *Optimizer[F]) LearningRate() float64 { return o.rules[len(o.rules)-1].rate.At(o.steps) }
