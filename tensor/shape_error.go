package tensor

import (
	"fmt"
	"slices"
	"strings"
)

// ShapeError says that the operands of an operation do not fit together. It is
// what every package of the module panics with when shapes are wrong: a
// programmer's error, not a user's.
type ShapeError struct {
	Op   string  // the operation, such as "autodiff.Add"
	Got  [][]int // the shapes that came
	Want string  // what would fit, in words
}

// Error gives the operation, every shape, and what would fit.
func (e *ShapeError) Error() string {
	shapes := make([]string, len(e.Got))
	for i, s := range e.Got {
		shapes[i] = fmt.Sprint(s)
	}
	return fmt.Sprintf("%s: got %s: want %s", e.Op, strings.Join(shapes, ", "), e.Want)
}

// Mismatch builds the error to panic with. It copies the shapes, so that the
// caller's stay on its stack:
//
//	if a.Shape[1] != b.Shape[0] {
//		panic(tensor.Mismatch("tensor.MatMul", "[m k] and [k n]", a.Shape, b.Shape))
//	}
func Mismatch(op, want string, got ...[]int) *ShapeError {
	e := &ShapeError{Op: op, Want: want}
	for _, s := range got {
		e.Got = append(e.Got, slices.Clone(s))
	}
	return e
}
