package problems

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// encode appends a struct of results as JSON: floats in the shortest form that
// reads back as the same number, the ones that JSON lacks as the strings
// "Infinity", "-Infinity" and "NaN"; nil pointers, and zero values of tag
// omitempty, are left out.
func encode(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return append(b, "null"...)
		}
		return encode(b, v.Elem())
	case reflect.Float64:
		return appendFloat(b, v.Float())
	case reflect.Int:
		return strconv.AppendInt(b, v.Int(), 10)
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.String:
		quoted, _ := json.Marshal(v.String()) // a string always marshals
		return append(b, quoted...)
	case reflect.Slice:
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			b = encode(b, v.Index(i))
		}
		return append(b, ']')
	}
	b = append(b, '{')
	first := true
	for i := range v.NumField() {
		name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		f := v.Field(i)
		if (f.Kind() == reflect.Pointer || options == "omitempty") && f.IsZero() {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(strconv.AppendQuote(b, name), ':')
		b = encode(b, f)
	}
	return append(b, '}')
}

func appendFloat(b []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(b, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(b, `"-Infinity"`...)
	}
	return strconv.AppendFloat(b, f, 'g', -1, 64)
}
