package nn

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// Architecture describes a layer, and those inside it, without the numbers
// that training sets: its kind, its hyperparameters, and the shapes of its
// parameters. [Describe] makes it, [Build] turns it back into a layer. As JSON
// it is one flat object:
//
//	{"kind":"linear","weight":[512,784],"bias":[512]}
//	{"kind":"sequential","layers":[{"kind":"flatten"},{"kind":"relu"}]}
type Architecture struct {
	Kind   string
	Fields []ArchitectureField // in the order of the layer's fields
}

// ArchitectureField is one exported field of a layer.
type ArchitectureField struct {
	Name string // as in parameter paths: lower case, words joined by underscores

	// Value is a bool, float64, string, []int (a shape or sizes), Architecture
	// or []Architecture. A string in place of a shape is the path of the
	// parameter that is used a second time here.
	Value any
}

// Field returns the value of the named field.
func (a Architecture) Field(name string) (any, bool) {
	for _, f := range a.Fields {
		if f.Name == name {
			return f.Value, true
		}
	}
	return nil, false
}

// MarshalJSON writes the flat object, the kind first.
func (a Architecture) MarshalJSON() ([]byte, error) {
	kind, err := json.Marshal(a.Kind)
	if err != nil {
		return nil, err
	}
	b := append([]byte(`{"kind":`), kind...)
	for _, f := range a.Fields {
		value, err := json.Marshal(f.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: field %q: %w", a.Kind, f.Name, err)
		}
		b = append(strconv.AppendQuote(append(b, ','), f.Name), ':')
		b = append(b, value...)
	}
	return append(b, '}'), nil
}

// maxDepth bounds how deep layers may nest in a file.
const maxDepth = 64

// UnmarshalJSON reads the flat object. Whether its fields make sense is for
// [Build] to say.
func (a *Architecture) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	token, err := d.Token()
	if err != nil {
		return err
	}
	if token != json.Delim('{') {
		return fmt.Errorf("architecture: want an object with a kind, found %v", token)
	}
	read, err := readArchitecture(d, 1)
	if err == nil {
		*a = read
	}
	return err
}

// readArchitecture reads the rest of an object whose brace has been read.
func readArchitecture(d *json.Decoder, depth int) (Architecture, error) {
	var a Architecture
	if depth > maxDepth {
		return a, fmt.Errorf("architecture: byte %d: layers nest deeper than %d", d.InputOffset(), maxDepth)
	}
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return a, err
		}
		name := key.(string)
		if seen[name] {
			return a, fmt.Errorf("architecture: byte %d: field %q stands twice", d.InputOffset(), name)
		}
		seen[name] = true
		value, err := readValue(d, depth)
		if err != nil {
			return a, err
		}
		if name != "kind" {
			a.Fields = append(a.Fields, ArchitectureField{name, value})
			continue
		}
		kind, ok := value.(string)
		if !ok {
			return a, fmt.Errorf("architecture: byte %d: the kind is %v, want the name of a layer", d.InputOffset(), value)
		}
		a.Kind = kind
	}
	if !seen["kind"] {
		return a, fmt.Errorf("architecture: byte %d: an object without a kind", d.InputOffset())
	}
	_, err := d.Token()
	return a, err
}

func readValue(d *json.Decoder, depth int) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case bool, string:
		return v, nil
	case json.Number:
		x, err := v.Float64()
		if err != nil {
			return nil, fmt.Errorf("architecture: byte %d: number %s is out of range", d.InputOffset(), v)
		}
		return x, nil
	case json.Delim:
		if v == '{' {
			return readArchitecture(d, depth+1)
		}
		return readList(d, depth)
	}
	return nil, fmt.Errorf("architecture: byte %d: null: leave the field out instead", d.InputOffset())
}

// readList reads the rest of a list of whole numbers or of layers. An empty
// list is one of numbers.
func readList(d *json.Decoder, depth int) (any, error) {
	sizes, layers := []int{}, []Architecture(nil)
	for d.More() {
		value, err := readValue(d, depth)
		if err != nil {
			return nil, err
		}
		switch v := value.(type) {
		case float64:
			if n := int(v); float64(n) == v && n >= 0 && n < 1<<48 {
				sizes = append(sizes, n)
				break
			}
			return nil, fmt.Errorf("architecture: byte %d: %v in a list: want whole numbers from 0", d.InputOffset(), v)
		case Architecture:
			layers = append(layers, v)
		default:
			return nil, fmt.Errorf("architecture: byte %d: a list of %T: want whole numbers, or layers", d.InputOffset(), value)
		}
		if len(sizes) > 0 && len(layers) > 0 {
			return nil, fmt.Errorf("architecture: byte %d: a list of numbers and layers", d.InputOffset())
		}
	}
	_, err := d.Token()
	if layers != nil {
		return layers, err
	}
	return sizes, err
}
