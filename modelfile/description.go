package modelfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/gradus-ml/gradus/nn"
)

const (
	descriptionName = "model.json"
	weightsName     = "weights.safetensors"
	formatName      = "gradus-model"
	formatVersion   = 1

	// maxDescription bounds model.json, which is read into memory.
	maxDescription = 16 << 20
)

// description is the content of model.json.
type description struct {
	Format       string          `json:"format"`
	Version      int             `json:"version"`
	Architecture nn.Architecture `json:"architecture"`
	Input        []int           `json:"input"`
	Classes      []string        `json:"classes"`
	Preprocess   Preprocess      `json:"preprocess"`
	Priors       []float64       `json:"priors,omitempty"`
	Training     Training        `json:"training"`

	// WeightsSHA256 is the hash, in hex, of the weights that belong to this
	// description. Left out, any weights that fit are taken.
	WeightsSHA256 string `json:"weights_sha256,omitempty"`
}

// fieldsOfDescription are the keys that model.json may have.
func fieldsOfDescription() []string {
	return []string{"format", "version", "architecture", "input", "classes", "preprocess", "priors", "training", "weights_sha256"}
}

// parseDescription reads model.json, called file in errors.
func parseDescription(file string, text []byte) (*description, error) {
	keys, err := checkKeys(file, text)
	if err != nil {
		return nil, err
	}
	var header struct {
		Format  string
		Version int
	}
	if err := json.Unmarshal(text, &header); err != nil {
		return nil, describeJSON(file, err)
	}
	if header.Format != formatName {
		return nil, &FormatError{File: file, Offset: -1, Field: "format", Got: fmt.Sprintf("%q", header.Format), Want: fmt.Sprintf("%q", formatName)}
	}
	if header.Version != formatVersion {
		return nil, &UnsupportedError{File: file, Got: fmt.Sprintf("version %d of the format", header.Version), Want: fmt.Sprint(formatVersion)}
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if !slices.Contains(fieldsOfDescription(), key) {
			return nil, &FormatError{File: file, Offset: keys[key], Field: key, Got: "an unknown field", Want: fmt.Sprintf("one of %v", fieldsOfDescription())}
		}
	}
	var d description
	decode := json.NewDecoder(bytes.NewReader(text))
	decode.DisallowUnknownFields()
	if err := decode.Decode(&d); err != nil {
		return nil, describeJSON(file, err)
	}
	return &d, nil
}

// checkKeys refuses what encoding/json lets pass: text after the object, and
// keys that stand twice. It returns the keys of the outermost object, spelled
// as they are, with the byte after each.
func checkKeys(file string, text []byte) (map[string]int64, error) {
	tokens := json.NewDecoder(bytes.NewReader(text))
	outermost := map[string]int64{}
	fail := func(field, got, want string) (map[string]int64, error) {
		return nil, &FormatError{File: file, Offset: tokens.InputOffset(), Field: field, Got: got, Want: want}
	}
	type level struct {
		keys  map[string]bool // nil for a list
		value bool            // the next token is a value, not a key
	}
	var open []level
	for first := true; first || len(open) > 0; first = false {
		token, err := tokens.Token()
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return fail("", "the end of the file", "the rest of its JSON object")
		} else if err != nil {
			return nil, describeJSON(file, err)
		}
		if first && token != json.Delim('{') {
			return fail("", fmt.Sprint(token), "a JSON object")
		}
		if token == json.Delim('}') || token == json.Delim(']') {
			open = open[:len(open)-1]
			continue
		}
		if n := len(open); n > 0 && open[n-1].keys != nil {
			top := &open[n-1]
			top.value = !top.value
			if top.value { // a key was read
				key := token.(string)
				if top.keys[key] {
					return fail(key, "the key again", "each key once")
				}
				top.keys[key] = true
				if n == 1 {
					outermost[key] = tokens.InputOffset()
				}
				continue
			}
		}
		switch token {
		case json.Delim('{'):
			open = append(open, level{keys: map[string]bool{}})
		case json.Delim('['):
			open = append(open, level{})
		}
	}
	if token, err := tokens.Token(); err != io.EOF {
		return fail("", fmt.Sprintf("%v after the object", token), "the end of the file")
	}
	return outermost, nil
}

// describeJSON gives an error of encoding/json its file, place and field.
func describeJSON(file string, err error) error {
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return &FormatError{File: file, Offset: syntax.Offset, Got: syntax.Error(), Want: "JSON"}
	case errors.As(err, &mismatch):
		return &FormatError{File: file, Offset: mismatch.Offset, Field: mismatch.Field, Got: "a JSON " + mismatch.Value, Want: mismatch.Type.String()}
	}
	return fmt.Errorf("%s: %w", file, err)
}
