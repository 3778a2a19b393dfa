package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Var is a value on a tape, and its gradient once [Tape.Backward] has reached
// it.
type Var[F tensor.Float] struct {
	Value *tensor.Tensor[F]
	Grad  *tensor.Tensor[F] // nil where none is wanted or none has arrived

	tape     *Tape[F]
	value    tensor.Tensor[F]
	grad     tensor.Tensor[F]
	leafGrad []F  // where a leaf's gradient is stored; nil for others
	wanted   bool // the gradient is asked for
	kept     bool // the gradient outlives its use
}

// Shape returns the shape of the value.
func (v *Var[F]) Shape() []int { return v.Value.Shape }

// Tape returns the tape that holds v.
func (v *Var[F]) Tape() *Tape[F] { return v.tape }

// Wanted reports whether v's gradient is asked for.
func (v *Var[F]) Wanted() bool { return v.wanted }

// Kept reports whether v's gradient stays readable after Backward. The pullback
// of what computed v, its last reader, may overwrite one that does not.
func (v *Var[F]) Kept() bool { return v.kept }

// Keep asks for v's gradient, if it has one, to stay readable after Backward,
// and returns v.
func (v *Var[F]) Keep() *Var[F] {
	v.kept = true
	return v
}

// Accumulate returns the gradient of v for a pullback to add to, zeroed before
// the first contribution, or nil if v wants none.
func (v *Var[F]) Accumulate() []F {
	g, first := v.Contribute()
	if first {
		clear(g)
	}
	return g
}

// Contribute is Accumulate for pullbacks that can store as cheaply as add: if
// first, the elements of g are undefined and must all be set; otherwise they
// must be added to. Whoever calls it must make its contribution at once.
func (v *Var[F]) Contribute() (g []F, first bool) {
	if !v.wanted {
		return nil, false
	}
	if v.Grad != nil {
		return v.grad.Data, false
	}
	v.grad.Shape = append(v.grad.Shape[:0], v.value.Shape...)
	v.grad.Data = v.tape.arena.spoil(v.leafGrad)
	if v.grad.Data == nil {
		v.grad.Data = v.tape.arena.takeReleased(len(v.value.Data))
	}
	v.Grad = &v.grad
	return v.grad.Data, true
}

// contribute adds s·dy to v's gradient, if v wants one.
func (v *Var[F]) contribute(dy []F, s F) {
	switch g, first := v.Contribute(); {
	case g == nil:
	case first && s == 1:
		copy(g, dy)
	case first:
		simd.Scale(g, dy, s)
	case s == 1:
		simd.Add(g, g, dy)
	default:
		simd.AddScaled(g, dy, s)
	}
}
