package modelfile

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/gradus-ml/gradus/tensor"
)

// WriteSafetensors writes tensors as F32, sorted by name, after a header
// padded to eight bytes; metadata may be nil. The same content always gives
// the same bytes. Names must be UTF-8 and not "__metadata__".
func WriteSafetensors(w io.Writer, metadata map[string]string, tensors map[string]*tensor.Tensor[float32]) error {
	names := slices.Sorted(maps.Keys(tensors))
	text, err := headerText(metadata, names, tensors)
	if err != nil {
		return err
	}
	buffer := binary.LittleEndian.AppendUint64(make([]byte, 0, 1<<16), uint64(len(text)))
	if _, err := w.Write(append(buffer, text...)); err != nil {
		return err
	}
	for _, name := range names {
		for rest := tensors[name].Data; len(rest) > 0; {
			part := rest[:min(len(rest), 1<<14)]
			rest = rest[len(part):]
			buffer = buffer[:0]
			for _, v := range part {
				buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(v))
			}
			if _, err := w.Write(buffer); err != nil {
				return err
			}
		}
	}
	return nil
}

// headerText returns the JSON header, metadata first, padded with spaces.
func headerText(metadata map[string]string, names []string, tensors map[string]*tensor.Tensor[float32]) ([]byte, error) {
	var b bytes.Buffer
	encode := json.NewEncoder(&b)
	encode.SetEscapeHTML(false)
	b.WriteByte('{')
	if metadata != nil {
		for key, value := range metadata {
			if !utf8.ValidString(key) || !utf8.ValidString(value) {
				return nil, fmt.Errorf("modelfile.WriteSafetensors: metadata %q is not UTF-8", key)
			}
		}
		b.WriteString(`"__metadata__":`)
		if err := encode.Encode(metadata); err != nil {
			return nil, err
		}
		b.Truncate(b.Len() - 1) // the newline that Encode ends with
	}
	at := 0
	for i, name := range names {
		if name == "__metadata__" || !utf8.ValidString(name) {
			return nil, fmt.Errorf("modelfile.WriteSafetensors: tensor name %q: want UTF-8 and not __metadata__", name)
		}
		if i > 0 || metadata != nil {
			b.WriteByte(',')
		}
		if err := encode.Encode(name); err != nil {
			return nil, err
		}
		b.Truncate(b.Len() - 1)
		shape := tensors[name].Shape
		if shape == nil {
			shape = []int{}
		}
		end := at + 4*len(tensors[name].Data)
		dims, err := json.Marshal(shape)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, `:{"dtype":"F32","shape":%s,"data_offsets":[%d,%d]}`, dims, at, end)
		at = end
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	return b.Bytes(), nil
}
