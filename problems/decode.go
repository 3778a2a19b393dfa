package problems

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/gradus-ml/gradus/internal/domain"
)

// BadInput is the code of a text that is not the JSON object that was asked
// for: malformed, of other fields, of wrong types or ragged.
const BadInput = "bad_input"

// decode reads one JSON object into a struct, strictly: field names are those
// of the json tags, to the letter; all of them must be there but pointers,
// for which null is nil too; numbers may be "Infinity" and "-Infinity" where
// the tag infinite:"yes" is set; a matrix is not ragged.
func decode(text []byte, into any) error {
	d := &decoder{json: json.NewDecoder(bytes.NewReader(text))}
	d.json.UseNumber()
	if err := d.value(reflect.ValueOf(into).Elem(), "the input", false); err != nil {
		return err
	}
	if _, err := d.json.Token(); err != io.EOF {
		return domain.Errorf(BadInput, "byte %d: want the end after one JSON object", d.json.InputOffset())
	}
	return d.domain
}

type decoder struct {
	json   *json.Decoder
	domain error // the first number outside its domain, told if nothing worse is found
}

func (d *decoder) wrong(path, want string, got any) error {
	return domain.Errorf(BadInput, "%s, before byte %d: want %s, got %s", path, d.json.InputOffset(), want, describe(got))
}

// describe names a JSON token without repeating long ones.
func describe(token any) string {
	switch t := token.(type) {
	case nil:
		return "null"
	case string:
		return strconv.Quote(t[:min(len(t), 40)])
	case json.Delim:
		return map[json.Delim]string{'{': "an object", '[': "a list", '}': "the end of the object", ']': "the end of the list"}[t]
	default:
		s := fmt.Sprint(t)
		return s[:min(len(s), 40)]
	}
}

func (d *decoder) token(path string) (json.Token, error) {
	token, err := d.json.Token()
	if err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, domain.Errorf(BadInput, "%s, byte %d: malformed JSON: %v", path, d.json.InputOffset(), err)
	}
	return token, nil
}

func (d *decoder) value(v reflect.Value, path string, infinite bool) error {
	token, err := d.token(path)
	if err != nil {
		return err
	}
	return d.assign(token, v, path, infinite)
}

func (d *decoder) assign(token json.Token, v reflect.Value, path string, infinite bool) error {
	switch v.Kind() {
	case reflect.Pointer:
		if token == nil {
			return nil
		}
		v.Set(reflect.New(v.Type().Elem()))
		return d.assign(token, v.Elem(), path, infinite)
	case reflect.Float64:
		return d.float(token, v, path, infinite)
	case reflect.Int:
		text, ok := token.(json.Number)
		f, err := strconv.ParseFloat(string(text), 64)
		if !ok || err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
			return d.wrong(path, "an integer", token)
		}
		v.SetInt(int64(f))
	case reflect.String:
		s, ok := token.(string)
		if !ok {
			return d.wrong(path, "a string", token)
		}
		v.SetString(s)
	case reflect.Bool:
		b, ok := token.(bool)
		if !ok {
			return d.wrong(path, "true or false", token)
		}
		v.SetBool(b)
	case reflect.Slice:
		return d.list(token, v, path, infinite)
	case reflect.Struct:
		return d.object(token, v, path)
	}
	return nil
}

func (d *decoder) float(token json.Token, v reflect.Value, path string, infinite bool) error {
	var f float64
	switch t := token.(type) {
	case json.Number:
		var err error
		if f, err = strconv.ParseFloat(string(t), 64); err != nil {
			return d.wrong(path, "a number in the range of float64", token)
		}
	case string:
		switch t {
		case "Infinity":
			f = math.Inf(1)
		case "-Infinity":
			f = math.Inf(-1)
		case "NaN":
			f = math.NaN()
		default:
			return d.wrong(path, "a number", token)
		}
	default:
		return d.wrong(path, "a number", token)
	}
	if d.domain == nil && (math.IsNaN(f) || math.IsInf(f, 0) && !infinite) {
		d.domain = domain.Errorf(domain.InvalidParameter, "%s is %v: want a finite number", path, f)
	}
	v.SetFloat(f)
	return nil
}

func (d *decoder) list(token json.Token, v reflect.Value, path string, infinite bool) error {
	if token != json.Delim('[') {
		return d.wrong(path, "a list", token)
	}
	list := reflect.MakeSlice(v.Type(), 0, 0)
	for d.json.More() {
		item := reflect.New(v.Type().Elem()).Elem()
		at := fmt.Sprintf("%s[%d]", path, list.Len())
		if err := d.value(item, at, infinite); err != nil {
			return err
		}
		if list.Len() > 0 && isNumeric(v.Type().Elem()) && item.Len() != list.Index(0).Len() {
			return domain.Errorf(BadInput, "%s has %d elements: want %d, as the first has", at, item.Len(), list.Index(0).Len())
		}
		list = reflect.Append(list, item)
	}
	v.Set(list)
	_, err := d.token(path)
	return err
}

// isNumeric reports whether t is a list of floats, at any depth. Lists of such
// must not be ragged.
func isNumeric(t reflect.Type) bool {
	if t.Kind() != reflect.Slice {
		return false
	}
	for t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t.Kind() == reflect.Float64
}

func (d *decoder) object(token json.Token, v reflect.Value, path string) error {
	if token != json.Delim('{') {
		return d.wrong(path, "an object", token)
	}
	names := fieldNames(v.Type())
	seen := make([]bool, len(names))
	for d.json.More() {
		key, err := d.token(path)
		if err != nil {
			return err
		}
		name, _ := key.(string)
		i := slices.Index(names, name)
		if i < 0 {
			return d.wrong(path, "a field of "+strings.Join(names, ", "), name)
		}
		if seen[i] {
			return d.wrong(path, "each field once", name)
		}
		seen[i] = true
		field := v.Type().Field(i)
		if err := d.value(v.Field(i), name, field.Tag.Get("infinite") != ""); err != nil {
			return err
		}
	}
	if _, err := d.token(path); err != nil {
		return err
	}
	for i, name := range names {
		if !seen[i] && v.Field(i).Kind() != reflect.Pointer {
			return domain.Errorf(BadInput, "%s lacks the field %q: want %s", path, name, strings.Join(names, ", "))
		}
	}
	return nil
}

// fieldNames returns the names in the json tags of a struct's fields.
func fieldNames(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		names[i], _, _ = strings.Cut(t.Field(i).Tag.Get("json"), ",")
	}
	return names
}
