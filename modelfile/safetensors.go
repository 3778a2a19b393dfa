package modelfile

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/bits"
	"slices"
)

// maxHeader is the longest header read: the limit of the reference
// implementation.
const maxHeader = 100_000_000

// Safetensors is an opened file in the safetensors format: names, types and
// shapes of the tensors, and where their numbers lie. The numbers themselves
// are read by [Safetensors.ReadTo].
//
// Layout: eight bytes with the length of the header, little-endian; the header,
// a JSON object {name: {"dtype", "shape", "data_offsets"}, …, "__metadata__":
// {string: string}}, padded with spaces; the numbers, little-endian, without
// gaps. Source: the format's description at huggingface/safetensors.
type Safetensors struct {
	Metadata map[string]string
	Entries  []Entry // in the order of their data

	file string
	r    io.ReaderAt
}

// Entry is one tensor of a safetensors file.
type Entry struct {
	Name   string
	DType  string // the element type by the format's name, such as "F32"
	Shape  []int
	Offset int64 // of the first byte of its data in the file
	Size   int64 // of its data, in bytes
}

// elementSize returns the bytes of one element, or 0 for a type unknown here.
func elementSize(dtype string) int64 {
	switch dtype {
	case "BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3":
		return 1
	case "F16", "BF16", "I16", "U16":
		return 2
	case "F32", "I32", "U32":
		return 4
	case "F64", "I64", "U64":
		return 8
	}
	return 0
}

// ReadSafetensors reads the header of a safetensors file of size bytes; name
// is for errors. Everything that the header says is checked against the size
// before memory is taken: each tensor's bytes fit its shape and type, and the
// tensors cover the data without overlap or gap. It returns a [*FormatError]
// or [*UnsupportedError] otherwise.
func ReadSafetensors(name string, r io.ReaderAt, size int64) (*Safetensors, error) {
	fail := func(offset int64, got, want string) error {
		return &FormatError{File: name, Offset: offset, Got: got, Want: want}
	}
	if size < 8 {
		return nil, fail(size, fmt.Sprintf("a file of %d bytes", size), "at least the 8 bytes of the header's length")
	}
	var prefix [8]byte
	if _, err := r.ReadAt(prefix[:], 0); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	length := binary.LittleEndian.Uint64(prefix[:])
	if length > maxHeader {
		return nil, fail(0, fmt.Sprintf("a header of %d bytes", length), fmt.Sprintf("at most %d", maxHeader))
	}
	if length > uint64(size-8) {
		return nil, fail(0, fmt.Sprintf("a header of %d bytes", length), fmt.Sprintf("at most the %d that follow", size-8))
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(io.NewSectionReader(r, 8, int64(length)), text); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s := &Safetensors{file: name, r: r}
	if err := s.parseHeader(text); err != nil {
		return nil, err
	}
	if err := s.checkLayout(8+int64(length), size); err != nil {
		return nil, err
	}
	return s, nil
}

// checkLayout sorts the entries by their data and demands that they tile the
// bytes from start to size.
func (s *Safetensors) checkLayout(start, size int64) error {
	slices.SortStableFunc(s.Entries, func(a, b Entry) int {
		if a.Offset != b.Offset {
			return int(min(max(a.Offset-b.Offset, -1), 1))
		}
		return int(min(max(a.Size-b.Size, -1), 1))
	})
	at := start
	for i := range s.Entries {
		e := &s.Entries[i]
		fail := func(field, got, want string) error {
			return &FormatError{File: s.file, Offset: at, Tensor: e.Name, Field: field, Got: got, Want: want}
		}
		if e.Offset > math.MaxInt64-start {
			return fail("data_offsets", fmt.Sprintf("data that begins at %d", e.Offset), "an offset inside the file")
		}
		e.Offset += start
		if e.Offset != at {
			return fail("data_offsets", fmt.Sprintf("data that begins at byte %d of the file", e.Offset), fmt.Sprintf("%d, where the data before it ends", at))
		}
		if e.Size > size-at {
			return fail("data_offsets", fmt.Sprintf("%d bytes of data", e.Size), fmt.Sprintf("at most the %d that are left in the file", size-at))
		}
		bytes, ok := byteSize(e.Shape, elementSize(e.DType))
		if !ok || bytes != e.Size {
			return fail("shape", fmt.Sprintf("%v of %s", e.Shape, e.DType), fmt.Sprintf("one that takes the %d bytes of its data", e.Size))
		}
		at += e.Size
	}
	if at != size {
		return &FormatError{File: s.file, Offset: at, Got: fmt.Sprintf("%d bytes after the last tensor", size-at), Want: "none"}
	}
	return nil
}

// byteSize is the product of a shape and an element's size; ok is false where
// it overflows.
func byteSize(shape []int, element int64) (n int64, ok bool) {
	if slices.Contains(shape, 0) {
		return 0, true
	}
	product := uint64(element)
	for _, d := range shape {
		hi, lo := bits.Mul64(product, uint64(d))
		if hi != 0 || lo > math.MaxInt64 {
			return 0, false
		}
		product = lo
	}
	return int64(product), true
}

// Entry returns the tensor of the given name.
func (s *Safetensors) Entry(name string) (Entry, bool) {
	i := slices.IndexFunc(s.Entries, func(e Entry) bool { return e.Name == name })
	if i < 0 {
		return Entry{}, false
	}
	return s.Entries[i], true
}
