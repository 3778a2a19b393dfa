package nn

import (
	"fmt"
	"iter"
	"reflect"
	"strings"

	"github.com/gradus-ml/gradus/tensor"
)

// Param is a trained array.
type Param[F tensor.Float] struct {
	Value *tensor.Tensor[F]

	// Grad is the gradient after a backward pass; nil until the first pass
	// that trains, so that a model that only predicts carries none.
	Grad *tensor.Tensor[F]

	// Frozen excludes the parameter from training: no gradient is computed
	// and no step is taken.
	Frozen bool
}

// NewParam returns a parameter of zeros.
func NewParam[F tensor.Float](shape ...int) *Param[F] {
	return &Param[F]{Value: tensor.New[F](shape...)}
}

// Buffer is an array that belongs to a model and is saved with it but is not
// trained, such as BatchNorm's running moments.
type Buffer[F tensor.Float] struct{ Value *tensor.Tensor[F] }

// Params yields every parameter of a model with its path: exported fields in
// order, their names in lower case with words joined by underscores, slice
// elements by index, joined by dots: "encoder.0.weight". A parameter that is
// reached twice is yielded once, under its first path. The model is a pointer
// to a struct, a slice, or any nesting of them.
func Params[F tensor.Float](model any) iter.Seq2[string, *Param[F]] {
	return walk[*Param[F]](model)
}

// Buffers yields every buffer of a model, as [Params] does parameters.
func Buffers[F tensor.Float](model any) iter.Seq2[string, *Buffer[F]] {
	return walk[*Buffer[F]](model)
}

// walk yields the non-nil pointers of type T found in model, in field order.
func walk[T comparable](model any) iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		seen := map[T]bool{}
		onPath := map[any]bool{}
		var visit func(path string, v reflect.Value) bool
		visit = func(path string, v reflect.Value) bool {
			if !v.IsValid() || !v.CanInterface() {
				return true
			}
			if p, ok := v.Interface().(T); ok {
				if v.IsNil() || seen[p] {
					return true
				}
				seen[p] = true
				return yield(path, p)
			}
			switch v.Kind() {
			case reflect.Pointer:
				if v.IsNil() || onPath[v.Interface()] {
					return true
				}
				onPath[v.Interface()] = true
				defer delete(onPath, v.Interface())
				return visit(path, v.Elem())
			case reflect.Interface:
				return visit(path, v.Elem())
			case reflect.Struct:
				for i := range v.NumField() {
					field := v.Type().Field(i)
					if field.IsExported() && !visit(join(path, FieldName(field.Name)), v.Field(i)) {
						return false
					}
				}
			case reflect.Slice, reflect.Array:
				if !holdsPointers(v.Type().Elem()) {
					return true
				}
				for i := range v.Len() {
					if !visit(join(path, fmt.Sprint(i)), v.Index(i)) {
						return false
					}
				}
			}
			return true
		}
		visit("", reflect.ValueOf(model))
	}
}

// holdsPointers reports whether values of type t can lead to a parameter; it
// spares walking the numbers of a weight array one by one.
func holdsPointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Struct, reflect.Slice, reflect.Array:
		return true
	}
	return false
}

// FieldName turns a Go field name into its form in paths and files: InputScale
// becomes input_scale.
func FieldName(name string) string {
	var b strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
