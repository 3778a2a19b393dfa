package modelfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// header reads the JSON of a safetensors file token by token: that gives every
// error its byte, and sees the duplicate keys that a decoder into a map hides.
type header struct {
	file   string
	tokens *json.Decoder
	tensor string // the tensor being read
	field  string // its field
}

func (s *Safetensors) parseHeader(text []byte) error {
	h := &header{file: s.file, tokens: json.NewDecoder(bytes.NewReader(text))}
	h.tokens.UseNumber()
	if len(text) == 0 || text[0] != '{' {
		return h.fail("no JSON object", "a header that begins with {")
	}
	if !utf8.Valid(text) {
		return h.fail("a header that is not UTF-8", "UTF-8")
	}
	err := h.object(func(name string) error {
		if name == "__metadata__" {
			s.Metadata = map[string]string{}
			return h.object(func(key string) (err error) {
				s.Metadata[key], err = h.text()
				return err
			})
		}
		h.tensor = name
		entry, err := h.entry()
		s.Entries = append(s.Entries, entry)
		h.tensor = ""
		return err
	})
	if err != nil {
		return err
	}
	if token, err := h.tokens.Token(); err != io.EOF {
		return h.fail(fmt.Sprintf("%v after the header's object", token), "spaces")
	}
	return nil
}

// entry reads the object that describes one tensor. Its Offset is still
// relative to the end of the header.
func (h *header) entry() (Entry, error) {
	e := Entry{Name: h.tensor}
	var offsets []int
	fields := 0
	err := h.object(func(field string) (err error) {
		h.field = field
		fields++
		switch field {
		case "dtype":
			if e.DType, err = h.text(); err == nil && elementSize(e.DType) == 0 {
				err = &UnsupportedError{File: h.file, Tensor: h.tensor, Got: fmt.Sprintf("element type %q", e.DType), Want: "F64, F32, F16 or BF16"}
			}
		case "shape":
			e.Shape, err = h.integers()
		case "data_offsets":
			offsets, err = h.integers()
		default:
			err = h.fail("an unknown field", "dtype, shape and data_offsets")
		}
		return err
	})
	if err != nil {
		return e, err
	}
	h.field = ""
	if fields != 3 {
		return e, h.fail(fmt.Sprintf("%d fields", fields), "dtype, shape and data_offsets")
	}
	if len(offsets) != 2 || offsets[1] < offsets[0] {
		h.field = "data_offsets"
		return e, h.fail(fmt.Sprint(offsets), "[begin, end] with begin ≤ end")
	}
	e.Offset, e.Size = int64(offsets[0]), int64(offsets[1]-offsets[0])
	return e, nil
}

func (h *header) fail(got, want string) error {
	return &FormatError{File: h.file, Offset: 8 + h.tokens.InputOffset(), Tensor: h.tensor, Field: h.field, Got: got, Want: want}
}

func (h *header) token() (json.Token, error) {
	token, err := h.tokens.Token()
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, h.fail("JSON with "+syntax.Error(), "a JSON object")
	case err != nil:
		return nil, h.fail("the header's end", "the rest of its JSON object")
	}
	return token, nil
}

func (h *header) open(want json.Delim) error {
	token, err := h.token()
	if err == nil && token != want {
		err = h.fail(fmt.Sprintf("%v", token), want.String())
	}
	return err
}

// object reads an object and calls member at each value, with its key.
func (h *header) object(member func(key string) error) error {
	if err := h.open('{'); err != nil {
		return err
	}
	seen := map[string]bool{}
	for h.tokens.More() {
		key, err := h.text()
		if err != nil {
			return err
		}
		if seen[key] {
			return h.fail(fmt.Sprintf("the key %q again", key), "each key once")
		}
		seen[key] = true
		if err := member(key); err != nil {
			return err
		}
	}
	_, err := h.token()
	return err
}

func (h *header) text() (string, error) {
	token, err := h.token()
	if err != nil {
		return "", err
	}
	s, ok := token.(string)
	if !ok {
		return "", h.fail(fmt.Sprintf("%v", token), "a string")
	}
	return s, nil
}

// integers reads an array of whole numbers that are not negative.
func (h *header) integers() ([]int, error) {
	if err := h.open('['); err != nil {
		return nil, err
	}
	numbers := []int{}
	for h.tokens.More() {
		token, err := h.token()
		if err != nil {
			return nil, err
		}
		digits, _ := token.(json.Number)
		n, err := strconv.ParseUint(digits.String(), 10, strconv.IntSize-1)
		if err != nil {
			return nil, h.fail(fmt.Sprintf("%v", token), "a whole number that is not negative")
		}
		numbers = append(numbers, int(n))
	}
	_, err := h.token()
	return numbers, err
}
