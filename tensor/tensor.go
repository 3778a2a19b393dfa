package tensor

import (
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/internal/simd"
)

// Float is the set of element types. It has no ~ on purpose: a named float
// type would miss the vector kernels in silence.
type Float interface{ float32 | float64 }

// Tensor is a dense array. Element (i, j, …, l) of shape [I, J, …, L] is
// Data[((i·J + j)·… )·L + l]; a tensor of rank 0 has an empty Shape and one
// element. len(Data) always equals Size(Shape).
type Tensor[F Float] struct {
	Shape []int
	Data  []F
}

// New returns a tensor of zeros. It panics if a dimension is negative.
func New[F Float](shape ...int) *Tensor[F] {
	return &Tensor[F]{Shape: slices.Clone(shape), Data: simd.Make[F](Size(shape))}
}

// From returns a tensor over data, which it does not copy. It panics with a
// [*ShapeError] if shape does not hold len(data) elements.
func From[F Float](data []F, shape ...int) *Tensor[F] {
	if Size(shape) != len(data) {
		panic(Mismatch("tensor.From", fmt.Sprintf("a shape of %d elements", len(data)), shape))
	}
	return &Tensor[F]{Shape: slices.Clone(shape), Data: data}
}

// Size is the number of elements of a shape: the product of its dimensions, 1
// for the empty shape. It panics if a dimension is negative.
func Size(shape []int) int {
	n := 1
	for _, d := range shape {
		if d < 0 {
			panic(Mismatch("tensor.Size", "no negative dimension", shape))
		}
		n *= d
	}
	return n
}

// Clone returns a copy that shares no memory with t.
func (t *Tensor[F]) Clone() *Tensor[F] {
	c := New[F](t.Shape...)
	copy(c.Data, t.Data)
	return c
}

// Reshape returns a view of t's elements under another shape of the same
// size. It panics with a [*ShapeError] if the sizes differ.
func (t *Tensor[F]) Reshape(shape ...int) *Tensor[F] {
	if Size(shape) != len(t.Data) {
		panic(Mismatch("tensor.Reshape", fmt.Sprintf("a shape of %d elements", len(t.Data)), t.Shape, shape))
	}
	return &Tensor[F]{Shape: slices.Clone(shape), Data: t.Data}
}

// Rows returns the view t[lo:hi] along the first index: shape
// [hi−lo, …]. It panics if t has rank 0 or the range does not fit.
func (t *Tensor[F]) Rows(lo, hi int) *Tensor[F] {
	if len(t.Shape) == 0 || lo < 0 || hi < lo || hi > t.Shape[0] {
		panic(Mismatch("tensor.Rows", fmt.Sprintf("a first dimension that holds rows %d to %d", lo, hi), t.Shape))
	}
	width := Size(t.Shape[1:])
	v := &Tensor[F]{Shape: slices.Clone(t.Shape), Data: t.Data[lo*width : hi*width : hi*width]}
	v.Shape[0] = hi - lo
	return v
}

// Row returns the elements t[i, …] as a slice that shares t's memory.
func (t *Tensor[F]) Row(i int) []F {
	if len(t.Shape) == 0 || i < 0 || i >= t.Shape[0] {
		panic(Mismatch("tensor.Row", fmt.Sprintf("a first dimension that holds row %d", i), t.Shape))
	}
	width := Size(t.Shape[1:])
	return t.Data[i*width : (i+1)*width : (i+1)*width]
}

// At returns the element at an index of len(t.Shape) coordinates.
func (t *Tensor[F]) At(index ...int) F { return t.Data[t.offset(index)] }

// Set stores v at an index of len(t.Shape) coordinates.
func (t *Tensor[F]) Set(v F, index ...int) { t.Data[t.offset(index)] = v }

func (t *Tensor[F]) offset(index []int) int {
	if len(index) != len(t.Shape) {
		panic(Mismatch("tensor.At", fmt.Sprintf("an index of %d coordinates", len(t.Shape)), t.Shape, slices.Clone(index)))
	}
	at := 0
	for axis, i := range index {
		if i < 0 || i >= t.Shape[axis] {
			panic(Mismatch("tensor.At", "an index inside the shape", t.Shape, slices.Clone(index)))
		}
		at = at*t.Shape[axis] + i
	}
	return at
}

// Fill sets every element to v.
func (t *Tensor[F]) Fill(v F) {
	for i := range t.Data {
		t.Data[i] = v
	}
}

// Convert returns a copy of t with elements of another type, rounded to
// nearest where the target is narrower.
func Convert[To, From Float](t *Tensor[From]) *Tensor[To] {
	c := New[To](t.Shape...)
	for i, v := range t.Data {
		c.Data[i] = To(v)
	}
	return c
}
