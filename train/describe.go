package train

import (
	"fmt"
	"reflect"
	"strings"
)

// describe writes a value with the types of all that is inside it, so that two
// texts are equal where the values are, in this process and in another:
// pointers are followed and functions are only named.
func describe(v any) string {
	var b strings.Builder
	describeTo(&b, reflect.ValueOf(v))
	return b.String()
}

func describeTo(b *strings.Builder, v reflect.Value) {
	switch v.Kind() {
	case reflect.Invalid:
		b.WriteString("none")
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			b.WriteString("none")
			return
		}
		describeTo(b, v.Elem())
	case reflect.Struct:
		b.WriteString(typeName(v.Type()) + "{")
		for i := range v.NumField() {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(v.Type().Field(i).Name + ": ")
			describeTo(b, v.Field(i))
		}
		b.WriteByte('}')
	case reflect.Slice, reflect.Array:
		b.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				b.WriteString(", ")
			}
			describeTo(b, v.Index(i))
		}
		b.WriteByte(']')
	case reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Map:
		b.WriteString(v.Type().String())
	default:
		if v.Type().Name() != v.Kind().String() {
			fmt.Fprintf(b, "%s(%v)", typeName(v.Type()), plain(v))
			return
		}
		fmt.Fprintf(b, "%v", plain(v))
	}
}

// typeName is a type's name without its package and type parameters.
func typeName(t reflect.Type) string {
	name, _, _ := strings.Cut(t.Name(), "[")
	return name
}

// plain returns a basic value, reachable also where v is of a field that is
// not exported.
func plain(v reflect.Value) any {
	switch {
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return v.Uint()
	case v.CanFloat():
		return v.Float()
	case v.Kind() == reflect.Bool:
		return v.Bool()
	}
	return v.String()
}
