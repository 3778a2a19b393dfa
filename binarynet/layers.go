package binarynet

import (
	"iter"
	"reflect"

	"github.com/gradus-ml/gradus/tensor"
)

// Layers yields the binary layers of a model, of any depth, in order.
func Layers[F tensor.Float](model any) iter.Seq[*Linear[F]] { return parts[*Linear[F]](model) }

// parts yields what has the type T among the exported fields and elements of a
// model.
func parts[T any](model any) iter.Seq[T] {
	return func(yield func(T) bool) { walk(reflect.ValueOf(model), yield) }
}

// walk visits v and what it leads to, until yield has had enough.
func walk[T any](v reflect.Value, yield func(T) bool) bool {
	if !v.IsValid() || !v.CanInterface() {
		return true
	}
	if part, ok := v.Interface().(T); ok && !(v.Kind() == reflect.Pointer && v.IsNil()) {
		return yield(part)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return v.IsNil() || walk(v.Elem(), yield)
	case reflect.Slice:
		if k := v.Type().Elem().Kind(); k != reflect.Interface && k != reflect.Pointer && k != reflect.Struct && k != reflect.Slice {
			return true // numbers
		}
		for i := range v.Len() {
			if !walk(v.Index(i), yield) {
				return false
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && !walk(v.Field(i), yield) {
				return false
			}
		}
	}
	return true
}
