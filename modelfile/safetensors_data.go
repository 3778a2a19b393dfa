package modelfile

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// ReadTo reads a tensor's numbers as float32. F16, BF16 and F32 are exact, F64
// is rounded to nearest; an F64 number beyond float32's range, and an element
// type that is not floating-point, are errors. It panics if dst has not the
// entry's number of elements.
func (s *Safetensors) ReadTo(dst []float32, e Entry) error {
	size := elementSize(e.DType)
	if int64(len(dst))*size != e.Size {
		panic(fmt.Sprintf("modelfile.ReadTo: tensor %q of %v %s into %d elements", e.Name, e.Shape, e.DType, len(dst)))
	}
	decode := decoder(e.DType)
	if decode == nil {
		return &UnsupportedError{File: s.file, Tensor: e.Name, Got: "element type " + e.DType, Want: "F64, F32, F16 or BF16"}
	}
	chunk := make([]byte, min(e.Size, 1<<16))
	for at := int64(0); at < e.Size; at += int64(len(chunk)) {
		chunk = chunk[:min(int64(len(chunk)), e.Size-at)]
		if _, err := io.ReadFull(io.NewSectionReader(s.r, e.Offset+at, int64(len(chunk))), chunk); err != nil {
			return fmt.Errorf("%s: tensor %q: %w", s.file, e.Name, err)
		}
		part := dst[at/size : (at+int64(len(chunk)))/size]
		if i := decode(part, chunk); i >= 0 {
			return &FormatError{File: s.file, Offset: e.Offset + at + int64(i)*size, Tensor: e.Name, Got: "a number too large for float32", Want: fmt.Sprintf("at most %g", math.MaxFloat32)}
		}
	}
	return nil
}

// decoder returns a function that turns the bytes of b into dst and returns
// the index of the first number that float32 cannot hold, or -1; nil for types
// that are not floating-point.
func decoder(dtype string) func(dst []float32, b []byte) int {
	switch dtype {
	case "F32":
		return func(dst []float32, b []byte) int {
			for i := range dst {
				dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
			}
			return -1
		}
	case "F64":
		return func(dst []float32, b []byte) int {
			for i := range dst {
				wide := math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
				dst[i] = float32(wide)
				if math.IsInf(float64(dst[i]), 0) && !math.IsInf(wide, 0) {
					return i
				}
			}
			return -1
		}
	case "F16":
		return func(dst []float32, b []byte) int {
			for i := range dst {
				dst[i] = fromHalf(binary.LittleEndian.Uint16(b[2*i:]))
			}
			return -1
		}
	case "BF16":
		return func(dst []float32, b []byte) int {
			for i := range dst {
				dst[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(b[2*i:])) << 16)
			}
			return -1
		}
	}
	return nil
}

// fromHalf widens an IEEE 754 half: 1 sign bit, 5 of exponent, 10 of fraction.
func fromHalf(h uint16) float32 {
	sign, exponent, fraction := uint32(h>>15)<<31, uint32(h>>10)&31, uint32(h)&1023
	switch exponent {
	case 31: // infinity or NaN
		return math.Float32frombits(sign | 255<<23 | fraction<<13)
	case 0: // zero or subnormal: the fraction counts units of 2⁻²⁴
		v := float32(fraction) * 0x1p-24
		return math.Float32frombits(math.Float32bits(v) | sign)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}
