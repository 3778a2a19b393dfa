package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"github.com/gradus-ml/gradus/tensor"
)

// Write writes a tensor in version 1 of the format, little-endian.
func Write[F tensor.Float](w io.Writer, t *tensor.Tensor[F]) error {
	var shape strings.Builder
	for _, n := range t.Shape {
		fmt.Fprintf(&shape, "%d, ", n)
	}
	descr := "<f4"
	if _, ok := any(t).(*tensor.Tensor[float64]); ok {
		descr = "<f8"
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, strings.TrimSuffix(shape.String(), " "))
	// The elements begin at a multiple of 64, as NumPy has it.
	const before = len(magic) + 4
	text += strings.Repeat(" ", 63-(before+len(text))%64) + "\n"

	head := append([]byte(magic), 1, 0)
	head = binary.LittleEndian.AppendUint16(head, uint16(len(text)))
	if _, err := w.Write(append(head, text...)); err != nil {
		return err
	}
	return binary.Write(w, binary.LittleEndian, t.Data)
}
