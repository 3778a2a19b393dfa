package npy

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/tensor"
)

// Type is the type of an element as NumPy writes it, without its byte order:
// "f4", "f8", "i1" to "i8", "u1" to "u8", or "b1".
type Type string

func (t Type) width() int { return int(t[1] - '0') }

// parseType splits a descr such as "<f4".
func parseType(descr string) (Type, binary.ByteOrder, error) {
	if len(descr) == 3 {
		t := Type(descr[1:])
		switch t {
		case "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1":
			switch {
			case descr[0] == '<', descr[0] == '|' && t.width() == 1:
				return t, binary.LittleEndian, nil
			case descr[0] == '>':
				return t, binary.BigEndian, nil
			}
		}
	}
	return "", nil, fmt.Errorf("element type %q", descr)
}

// Array is an array as it lies in the file.
type Array struct {
	Shape []int
	Type  Type

	order binary.ByteOrder
	raw   []byte
}

// bits returns element i as an unsigned integer of the element's width.
func (a *Array) bits(i int) uint64 {
	switch w := a.Type.width(); w {
	case 1:
		return uint64(a.raw[i])
	case 2:
		return uint64(a.order.Uint16(a.raw[2*i:]))
	case 4:
		return uint64(a.order.Uint32(a.raw[4*i:]))
	default:
		return a.order.Uint64(a.raw[8*i:])
	}
}

// signed returns element i of an array of signed integers.
func (a *Array) signed(i int) int64 {
	unused := 64 - 8*a.Type.width()
	return int64(a.bits(i)<<unused) >> unused
}

func (a *Array) number(i int) float64 {
	switch {
	case a.Type == "f4":
		return float64(math.Float32frombits(uint32(a.bits(i))))
	case a.Type == "f8":
		return math.Float64frombits(a.bits(i))
	case a.Type[0] == 'i':
		return float64(a.signed(i))
	}
	return float64(a.bits(i))
}

// Float32 returns the elements as a tensor of a's shape, rounded to nearest.
func (a *Array) Float32() *tensor.Tensor[float32] { return convert[float32](a) }

// Float64 returns the elements as a tensor of a's shape. Integers beyond 2⁵³
// are rounded.
func (a *Array) Float64() *tensor.Tensor[float64] { return convert[float64](a) }

func convert[F tensor.Float](a *Array) *tensor.Tensor[F] {
	t := tensor.New[F](a.Shape...)
	for i := range t.Data {
		t.Data[i] = F(a.number(i))
	}
	return t
}

// Ints returns the elements of an array of integers or booleans, such as
// labels. It refuses floats, and integers that an int cannot hold.
func (a *Array) Ints() ([]int, error) {
	if a.Type[0] == 'f' {
		return nil, fmt.Errorf("npy: elements of type %s: want integers", a.Type)
	}
	ints := make([]int, len(a.raw)/a.Type.width())
	for i := range ints {
		if a.Type[0] == 'i' {
			ints[i] = int(a.signed(i))
		} else if u := a.bits(i); u <= math.MaxInt {
			ints[i] = int(u)
		} else {
			return nil, fmt.Errorf("npy: element %d is %d: want at most %d", i, u, math.MaxInt)
		}
	}
	return ints, nil
}
