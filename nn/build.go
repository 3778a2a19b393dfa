package nn

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/gradus-ml/gradus/tensor"
)

// MaxElements is how many elements the parameters and buffers of a model may
// have together for [Build]: 2²⁸, which is 1 GiB of float32.
const MaxElements = 1 << 28

// Build makes the layer that an architecture describes, its arrays zero, to be
// loaded. The architecture may come from anywhere: one that names an unknown
// kind, lacks a field or has one too many, whose shapes do not fit together, or
// that asks for more than [MaxElements], is an error that names the field.
func Build[F tensor.Float](a Architecture) (Layer[F], error) {
	return Builder[F]{Kinds: Kinds[F](), MaxElements: MaxElements}.Build(a)
}

// Builder builds with other kinds of layers and another limit than [Build]. A
// kind with a method Validate() error is asked once its fields are set.
type Builder[F tensor.Float] struct {
	Kinds       []Layer[F] // one value of each; their contents do not matter
	MaxElements int
}

// Build makes the layer that an architecture describes, as the function does.
func (b Builder[F]) Build(a Architecture) (Layer[F], error) {
	run := building[F]{
		kinds:   map[string]reflect.Type{},
		params:  map[string]*Param[F]{},
		buffers: map[string]*Buffer[F]{},
		left:    b.MaxElements,
	}
	for _, kind := range b.Kinds {
		run.kinds[KindOf(kind)] = reflect.TypeOf(kind)
	}
	return run.layer("", a, 1)
}

// validator is implemented by layers whose fields can contradict each other.
type validator interface{ Validate() error }

type building[F tensor.Float] struct {
	kinds   map[string]reflect.Type
	params  map[string]*Param[F] // those made so far, by path
	buffers map[string]*Buffer[F]
	left    int // elements that may still be allocated
}

func (b *building[F]) layer(path string, a Architecture, depth int) (Layer[F], error) {
	t, ok := b.kinds[a.Kind]
	if !ok {
		return nil, at(path, "unknown kind of layer %q: want one of %s", a.Kind, strings.Join(slices.Sorted(maps.Keys(b.kinds)), ", "))
	}
	if depth > maxDepth {
		return nil, at(path, "layers nest deeper than %d", maxDepth)
	}
	isPointer := t.Kind() == reflect.Pointer
	if isPointer {
		t = t.Elem()
	}
	made := reflect.New(t)
	if err := b.fields(path, a, made, depth); err != nil {
		return nil, err
	}
	if !isPointer {
		made = made.Elem()
	}
	if v, ok := made.Interface().(validator); ok {
		if err := v.Validate(); err != nil {
			return nil, at(path, "%w", err)
		}
	}
	return made.Interface().(Layer[F]), nil
}

// fields sets the fields of the layer that made points to.
func (b *building[F]) fields(path string, a Architecture, made reflect.Value, depth int) error {
	names := map[string]bool{}
	set := func(name, path string, to any) error {
		names[name] = true
		value, present := a.Field(name)
		return b.set(path, to, value, present, depth)
	}
	if to, ok := made.Interface().(*Sequential[F]); ok {
		if err := set(layersField, path, (*[]Layer[F])(to)); err != nil {
			return err
		}
	} else {
		for i := range made.Elem().NumField() {
			field := made.Type().Elem().Field(i)
			if !field.IsExported() {
				continue
			}
			name := FieldName(field.Name)
			if err := set(name, join(path, name), made.Elem().Field(i).Addr().Interface()); err != nil {
				return err
			}
		}
	}
	for _, f := range a.Fields {
		if !names[f.Name] {
			return at(path, "%s has no field %q: want %s", a.Kind, f.Name, strings.Join(slices.Sorted(maps.Keys(names)), ", "))
		}
	}
	return nil
}

// set stores a described value in the field that to points to. Only what can
// be nil may be absent.
func (b *building[F]) set(path string, to, value any, present bool, depth int) (err error) {
	switch to := to.(type) {
	case **Param[F]:
		if present {
			*to, err = array(b, b.params, path, value, func(t *tensor.Tensor[F]) *Param[F] { return &Param[F]{Value: t} })
		}
		return err
	case **Buffer[F]:
		if present {
			*to, err = array(b, b.buffers, path, value, func(t *tensor.Tensor[F]) *Buffer[F] { return &Buffer[F]{Value: t} })
		}
		return err
	case *Layer[F]:
		if present {
			var inner Architecture
			if inner, err = as[Architecture](path, value); err == nil {
				*to, err = b.layer(path, inner, depth+1)
			}
		}
		return err
	}
	if !present {
		return at(path, "the field is missing")
	}
	switch to := to.(type) {
	case *[]Layer[F]:
		return b.layers(path, to, value, depth)
	case *bool:
		*to, err = as[bool](path, value)
	case *string:
		*to, err = as[string](path, value)
	case *float64:
		if *to, err = as[float64](path, value); err == nil && (math.IsNaN(*to) || math.IsInf(*to, 0)) {
			err = at(path, "%v: want a finite number", *to)
		}
	case *int:
		var x float64
		if x, err = as[float64](path, value); err == nil {
			if *to = int(x); float64(*to) != x {
				err = at(path, "%v: want a whole number", x)
			}
		}
	case *[]int:
		*to, err = as[[]int](path, value)
		*to = slices.Clone(*to)
	case *[2]int:
		var pair []int
		if pair, err = as[[]int](path, value); err == nil && len(pair) != len(to) {
			err = at(path, "%v: want two whole numbers", pair)
		}
		copy(to[:], pair)
	default:
		err = at(path, "a field of Go type %s cannot be built", reflect.TypeOf(to).Elem())
	}
	return err
}

func (b *building[F]) layers(path string, to *[]Layer[F], value any, depth int) error {
	if sizes, ok := value.([]int); ok && len(sizes) == 0 {
		value = []Architecture{}
	}
	list, err := as[[]Architecture](path, value)
	if err != nil {
		return err
	}
	*to = make([]Layer[F], len(list))
	for i, inner := range list {
		if (*to)[i], err = b.layer(join(path, fmt.Sprint(i)), inner, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// array makes the array of a shape, or finds the one that a path names.
func array[T any, F tensor.Float](b *building[F], made map[string]T, path string, value any, wrap func(*tensor.Tensor[F]) T) (T, error) {
	var none T
	if first, ok := value.(string); ok {
		t, ok := made[first]
		if !ok {
			return none, at(path, "shared with %q, which does not come before it", first)
		}
		return t, nil
	}
	shape, err := as[[]int](path, value)
	if err != nil {
		return none, err
	}
	n := 1
	for _, d := range shape {
		if d <= 0 || d > b.left/n {
			return none, at(path, "shape %v: want positive sizes, and no more than %d elements left to the model", shape, b.left)
		}
		n *= d
	}
	b.left -= n
	made[path] = wrap(tensor.New[F](shape...))
	return made[path], nil
}

// as returns value as a T, or an error that says what it is instead.
func as[T any](path string, value any) (T, error) {
	v, ok := value.(T)
	if !ok {
		return v, at(path, "found %s, want %s", inWords(value), inWords(v))
	}
	return v, nil
}

// inWords says what a described value is.
func inWords(value any) string {
	switch value.(type) {
	case bool:
		return "true or false"
	case string:
		return "text"
	case float64:
		return "a number"
	case []int:
		return "a list of whole numbers"
	case Architecture:
		return "a layer"
	case []Architecture:
		return "a list of layers"
	}
	return fmt.Sprintf("a value of Go type %T", value)
}

// at makes an error that begins with the path of a field.
func at(path, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	if path == "" {
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}
