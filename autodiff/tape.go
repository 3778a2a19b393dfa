package autodiff

import (
	"fmt"
	"iter"
	"reflect"
	"strings"

	"github.com/gradus-ml/gradus/tensor"
)

// Op is one recorded operation. Pull reads the gradient of the operation's
// output and adds to the gradients of its inputs what the chain rule gives
// them: the vector–Jacobian product.
type Op interface{ Pull() }

// Tape records a computation and plays it backwards. It owns the memory of
// everything computed on it: after [Tape.Reset] the next, equal computation
// allocates nothing. A tape serves one goroutine.
type Tape[F tensor.Float] struct {
	vars   []*Var[F] // last step's variables, reused in order
	used   int       // how many of vars this step holds
	ops    []Op      // last step's operations, overwritten in place
	outs   []*Var[F] // outs[i] is what ops[i] computed
	count  int       // how many of ops this step holds
	held   []*Var[F] // lists of inputs, for operations that have many
	index  [][]int32 // last step's lists of indices, reused in order
	lists  int       // how many of index this step holds
	arena  arena[F]
	leaves map[*tensor.Tensor[F]]*Var[F]
	played bool // Backward has run since Reset
}

// NewTape returns an empty tape.
func NewTape[F tensor.Float]() *Tape[F] {
	return &Tape[F]{leaves: map[*tensor.Tensor[F]]*Var[F]{}}
}

// Reset forgets the computation and keeps its memory for the next one. Every
// Var of the tape, and every value and gradient the tape allocated, is invalid
// afterwards; copy out first what should live on.
func (t *Tape[F]) Reset() {
	t.used, t.count, t.played = 0, 0, false
	t.held, t.lists = t.held[:0], 0
	t.arena.reset()
	clear(t.leaves)
}

// Constant puts x on the tape without a gradient. It shares x's memory.
func (t *Tape[F]) Constant(x *tensor.Tensor[F]) *Var[F] {
	v := t.next(x.Shape)
	v.value.Data = x.Data
	return v
}

// Variable puts x on the tape as an input whose gradient is wanted; after
// [Tape.Backward] it is in the Var's Grad. It shares x's memory.
func (t *Tape[F]) Variable(x *tensor.Tensor[F]) *Var[F] {
	v := t.Constant(x)
	v.wanted, v.kept = true, true
	return v
}

// Leaf puts a trained value on the tape, whose gradient is stored in grad: the
// sum over all uses since the last Reset, overwritten, not added to, by the
// first. Asking again for the same value gives the same Var, so that a shared
// parameter's gradients add up. Panics with a [*tensor.ShapeError] if the
// shapes differ.
func (t *Tape[F]) Leaf(value, grad *tensor.Tensor[F]) *Var[F] {
	if v, ok := t.leaves[value]; ok {
		return v
	}
	if len(value.Data) != len(grad.Data) {
		panic(tensor.Mismatch("autodiff.Leaf", "value and gradient of one shape", value.Shape, grad.Shape))
	}
	v := t.Variable(value)
	v.leafGrad = grad.Data
	t.leaves[value] = v
	return v
}

// Output returns a Var of the given shape, its values not yet set, for an
// operation to fill. It wants a gradient if any of the inputs does. Panics if
// an input is of another tape.
func (t *Tape[F]) Output(shape []int, inputs ...*Var[F]) *Var[F] {
	v := t.next(shape)
	v.value.Data = t.arena.take(tensor.Size(shape))
	for _, x := range inputs {
		if x.tape != t {
			panic("autodiff.Output: an input belongs to another tape")
		}
		v.wanted = v.wanted || x.wanted
	}
	return v
}

// Scratch returns n elements of the tape's memory, not zeroed, that live until
// Reset: for masks and other things that a pullback needs.
func (t *Tape[F]) Scratch(n int) []F { return t.arena.take(n) }

// Indices returns n whole numbers of the tape's memory, not set, that live
// until Reset: for the places that a pullback has to find again.
func (t *Tape[F]) Indices(n int) []int32 {
	if t.lists == len(t.index) {
		t.index = append(t.index, nil)
	}
	list := &t.index[t.lists]
	t.lists++
	if cap(*list) < n {
		*list = make([]int32, n)
	}
	return (*list)[:n]
}

// hold copies a list of inputs into the tape's memory, so that an operation can
// keep it without an allocation.
func (t *Tape[F]) hold(xs []*Var[F]) []*Var[F] {
	from := len(t.held)
	t.held = append(t.held, xs...)
	return t.held[from:len(t.held):len(t.held)]
}

// next returns the next reusable Var, cleared.
func (t *Tape[F]) next(shape []int) *Var[F] {
	if t.used == len(t.vars) {
		t.vars = append(t.vars, &Var[F]{})
	}
	v := t.vars[t.used]
	t.used++
	*v = Var[F]{tape: t, value: tensor.Tensor[F]{Shape: append(v.value.Shape[:0], shape...)}, grad: tensor.Tensor[F]{Shape: v.grad.Shape}}
	v.Value = &v.value
	return v
}

// Record puts op on y's tape as the operation that computed y, and returns y.
// It does nothing where y wants no gradient. Op structs are stored by value
// into last step's slot when the types agree, which is what keeps a steady
// training loop free of allocation.
func Record[O any, P interface {
	*O
	Op
}, F tensor.Float](y *Var[F], op O) *Var[F] {
	if !y.wanted {
		return y
	}
	t := y.tape
	if t.count < len(t.ops) {
		if slot, ok := t.ops[t.count].(P); ok {
			*slot = op
		} else {
			fresh := new(O)
			*fresh = op
			t.ops[t.count] = P(fresh)
		}
		t.outs[t.count] = y
	} else {
		fresh := new(O)
		*fresh = op
		t.ops = append(t.ops, P(fresh))
		t.outs = append(t.outs, y)
	}
	t.count++
	return y
}

// Ops yields the names of the operations recorded since Reset, in order, as
// "package.type": "autodiff.mul".
func (t *Tape[F]) Ops() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, op := range t.ops[:t.count] {
			name, _, _ := strings.Cut(reflect.TypeOf(op).Elem().String(), "[")
			if !yield(name) {
				return
			}
		}
	}
}

// Backward computes the gradient of the one-element y in every Var that wants
// one. Gradients of intermediate results are given back to the tape as soon as
// they are used, unless [Var.Keep] was called. It runs once between Resets: to
// differentiate two results, add them first.
func (t *Tape[F]) Backward(y *Var[F]) {
	if len(y.Value.Data) != 1 {
		panic(tensor.Mismatch("autodiff.Backward", "one element", y.Value.Shape))
	}
	seed := [1]F{1}
	t.BackwardFrom(y, seed[:])
}

// BackwardFrom computes the gradient of ⟨cotangent, y⟩, for y of any shape.
func (t *Tape[F]) BackwardFrom(y *Var[F], cotangent []F) {
	if len(cotangent) != len(y.Value.Data) {
		panic(tensor.Mismatch("autodiff.BackwardFrom", fmt.Sprintf("a cotangent of %d elements", len(cotangent)), y.Value.Shape))
	}
	if t.played {
		panic("autodiff.BackwardFrom: the tape was already played backwards: Reset it first")
	}
	t.played = true
	if g, first := y.Contribute(); first {
		copy(g, cotangent)
	} else {
		for i := range g {
			g[i] += cotangent[i]
		}
	}
	for i := t.count - 1; i >= 0; i-- {
		out := t.outs[i]
		if out.Grad == nil {
			continue // nothing downstream depends on it
		}
		t.ops[i].Pull()
		if !out.kept {
			t.arena.release(out.grad.Data)
			out.Grad = nil
		}
	}
	for _, v := range t.leaves {
		v.Accumulate() // a leaf that nothing used has gradient zero
	}
}
