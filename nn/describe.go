package nn

import (
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/gradus-ml/gradus/tensor"
)

// Describe returns the architecture of a layer: one entry for each exported
// field, in order. Nil parameters and layers are left out. It returns an error
// where a field is of a type that an architecture cannot hold (it holds
// *Param, *Buffer, Layer, slices of Layer, bool, int, float64, string, []int
// and [2]int), or a hyperparameter is not finite.
func Describe[F tensor.Float](layer Layer[F]) (Architecture, error) {
	d := describer[F]{params: map[*Param[F]]string{}, buffers: map[*Buffer[F]]string{}}
	return d.layer("", layer)
}

type describer[F tensor.Float] struct {
	params  map[*Param[F]]string // the paths of those seen
	buffers map[*Buffer[F]]string
}

func (d *describer[F]) layer(path string, layer Layer[F]) (Architecture, error) {
	if layer == nil {
		return Architecture{}, fmt.Errorf("%s: a nil layer", path)
	}
	a := Architecture{Kind: KindOf(layer)}
	v := reflect.ValueOf(layer)
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return a, fmt.Errorf("%s: a nil %s", path, a.Kind)
		}
		v = v.Elem()
	}
	if layers, ok := v.Interface().(Sequential[F]); ok {
		value, err := d.layers(path, layers)
		a.Fields = []ArchitectureField{{layersField, value}}
		return a, err
	}
	if v.Kind() != reflect.Struct {
		return a, fmt.Errorf("%s: a layer of Go type %s: only structs and Sequential can be described", path, v.Type())
	}
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			continue
		}
		name := FieldName(v.Type().Field(i).Name)
		value, err := d.value(join(path, name), v.Field(i).Interface())
		if err != nil {
			return a, err
		}
		if value != nil {
			a.Fields = append(a.Fields, ArchitectureField{name, value})
		}
	}
	return a, nil
}

// layersField is where a Sequential, which has no fields, puts its layers.
const layersField = "layers"

func (d *describer[F]) layers(path string, layers []Layer[F]) (any, error) {
	if len(layers) == 0 {
		return []int{}, nil // what an empty JSON list reads as
	}
	list := make([]Architecture, len(layers))
	for i, l := range layers {
		var err error
		if list[i], err = d.layer(join(path, fmt.Sprint(i)), l); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// value returns the description of one field, or nil to leave it out.
func (d *describer[F]) value(path string, field any) (any, error) {
	switch v := field.(type) {
	case *Param[F]:
		if v == nil {
			return nil, nil
		}
		return shared(d.params, path, v, v.Value)
	case *Buffer[F]:
		if v == nil {
			return nil, nil
		}
		return shared(d.buffers, path, v, v.Value)
	case Layer[F]:
		return d.layer(path, v)
	case []Layer[F]:
		return d.layers(path, v)
	case bool, string:
		return v, nil
	case int:
		return float64(v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%s: %v: want a finite number", path, v)
		}
		return v, nil
	case []int:
		return append([]int{}, v...), nil
	case [2]int:
		return slices.Clone(v[:]), nil
	case nil: // an interface field that holds nothing
		return nil, nil
	}
	return nil, fmt.Errorf("%s: a field of Go type %T cannot be described", path, field)
}

// shared returns the shape of an array, or the path under which it was seen
// before.
func shared[T comparable, F tensor.Float](seen map[T]string, path string, key T, value *tensor.Tensor[F]) (any, error) {
	if first, ok := seen[key]; ok {
		return first, nil
	}
	if value == nil {
		return nil, fmt.Errorf("%s: a parameter without a value", path)
	}
	seen[key] = path
	return append([]int{}, value.Shape...), nil
}
