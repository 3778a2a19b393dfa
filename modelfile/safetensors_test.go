package modelfile_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/tensor"
)

// file builds a safetensors file of a header and data, both as they are.
func file(header, data string) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

func read(b []byte) (*modelfile.Safetensors, error) {
	return modelfile.ReadSafetensors("w.safetensors", bytes.NewReader(b), int64(len(b)))
}

// readAll reads every tensor of a file.
func readAll(t testing.TB, b []byte) map[string]*tensor.Tensor[float32] {
	t.Helper()
	s, err := read(b)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*tensor.Tensor[float32]{}
	for _, e := range s.Entries {
		all[e.Name] = tensor.New[float32](e.Shape...)
		if err := s.ReadTo(all[e.Name].Data, e); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func ExampleWriteSafetensors() {
	var b bytes.Buffer
	err := modelfile.WriteSafetensors(&b, nil, map[string]*tensor.Tensor[float32]{
		"0.weight": tensor.From([]float32{1, -2}, 1, 2),
	})
	fmt.Printf("%q %v\n", b.Bytes(), err)
	// Output: "@\x00\x00\x00\x00\x00\x00\x00{\"0.weight\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}} \x00\x00\x80?\x00\x00\x00\xc0" <nil>
}

func TestEmptyFile(t *testing.T) {
	var b bytes.Buffer
	if err := modelfile.WriteSafetensors(&b, nil, nil); err != nil {
		t.Fatal(err)
	}
	if want := file("{}      ", ""); !bytes.Equal(b.Bytes(), want) {
		t.Fatalf("got %q, want %q", b.Bytes(), want)
	}
	if all := readAll(t, b.Bytes()); len(all) != 0 {
		t.Fatalf("got %v, want no tensors", all)
	}
}

// The numbers after each type are the exact values of the bits before them,
// by IEEE 754.
func TestElementTypes(t *testing.T) {
	half := func(bits ...uint16) string {
		var b []byte
		for _, h := range bits {
			b = binary.LittleEndian.AppendUint16(b, h)
		}
		return string(b)
	}
	double := func(values ...float64) string {
		var b []byte
		for _, v := range values {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		return string(b)
	}
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		dtype, data string
		want        []float32
	}{
		{"F16", half(0x3c00, 0xc000, 0x0001, 0x8001, 0x03ff, 0x0400, 0x7bff, 0x7c00, 0x8000), []float32{1, -2, 0x1p-24, -0x1p-24, 1023 * 0x1p-24, 0x1p-14, 65504, inf, float32(math.Copysign(0, -1))}},
		{"BF16", half(0x3f80, 0xc000, 0x7f80, 0x0001), []float32{1, -2, inf, 0x1p-133}},
		{"F64", double(0.1, -3, math.Inf(1), 1e-60), []float32{0.1, -3, inf, 0}},
		{"F32", "\x00\x00\x80\x3f\x01\x00\x00\x00", []float32{1, 0x1p-149}},
	} {
		header := fmt.Sprintf(`{"x":{"dtype":%q,"shape":[%d],"data_offsets":[0,%d]}}`, c.dtype, len(c.want), len(c.data))
		got := readAll(t, file(header, c.data))["x"].Data
		for i := range c.want {
			if math.Float32bits(got[i]) != math.Float32bits(c.want[i]) {
				t.Errorf("%s: element %d: got %v, want %v", c.dtype, i, got[i], c.want[i])
			}
		}
	}
	nan := readAll(t, file(`{"x":{"dtype":"F16","shape":[],"data_offsets":[0,2]}}`, half(0x7e01)))["x"].Data[0]
	if !math.IsNaN(float64(nan)) {
		t.Errorf("F16 NaN: got %v", nan)
	}
}

func TestHostileFiles(t *testing.T) {
	const good = `{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`
	length := func(n uint64, rest string) []byte {
		return append(binary.LittleEndian.AppendUint64(nil, n), rest...)
	}
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, `w.safetensors: byte 0: got a file of 0 bytes, want at least the 8 bytes of the header's length`},
		{"header longer than the file", length(1<<20, "{}"), `w.safetensors: byte 0: got a header of 1048576 bytes, want at most the 2 that follow`},
		{"header beyond any file", length(math.MaxUint64, "{}"), `w.safetensors: byte 0: got a header of 18446744073709551615 bytes, want at most 100000000`},
		{"not an object", file(`[]`, ""), `w.safetensors: byte 8: got no JSON object, want a header that begins with {`},
		{"no UTF-8", file("{\"\xff\":1}", ""), `w.safetensors: byte 8: got a header that is not UTF-8, want UTF-8`},
		{"cut header", file(good[:len(good)-1], "1234"), `want the rest of its JSON object`},
		{"no JSON", file(`{"x" 1}`, ""), `got JSON with invalid character`},
		{"after the object", file(good+"{}", "1234"), `byte 63: got { after the header's object, want spaces`},
		{"duplicate tensor", file(`{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, "12345678"), `byte 65: got the key "x" again, want each key once`},
		{"duplicate field", file(`{"x":{"dtype":"F32","dtype":"F32"}}`, ""), `tensor "x": dtype: got the key "dtype" again`},
		{"duplicate metadata", file(`{"__metadata__":{"a":"b","a":"c"}}`, ""), `got the key "a" again`},
		{"metadata that is no text", file(`{"__metadata__":{"a":1}}`, ""), `got 1, want a string`},
		{"unknown field", file(`{"x":{"dtype":"F32","size":4}}`, ""), `tensor "x": size: got an unknown field, want dtype, shape and data_offsets`},
		{"missing field", file(`{"x":{"dtype":"F32","shape":[1]}}`, ""), `tensor "x": got 2 fields, want dtype, shape and data_offsets`},
		{"unknown type", file(`{"x":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}`, "1234"), `tensor "x": element type "F31" is not supported`},
		{"negative dimension", file(`{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, "1234"), `tensor "x": shape: got -1, want a whole number that is not negative`},
		{"fractional dimension", file(`{"x":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}`, "1234"), `tensor "x": shape: got 1.0`},
		{"null dimension", file(`{"x":{"dtype":"F32","shape":[null],"data_offsets":[0,4]}}`, "1234"), `tensor "x": shape: got <nil>`},
		{"dimension beyond int", file(`{"x":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}`, "1234"), `shape: got 9223372036854775808`},
		{"size that overflows", file(`{"x":{"dtype":"F32","shape":[4294967296,4294967297],"data_offsets":[0,4]}}`, "1234"), `tensor "x": shape: got [4294967296 4294967297] of F32, want one that takes the 4 bytes of its data`},
		{"shape too large", file(`{"x":{"dtype":"F32","shape":[1000000000],"data_offsets":[0,4000000000]}}`, "1234"), `tensor "x": data_offsets: got 4000000000 bytes of data, want at most the 4 that are left in the file`},
		{"offsets reversed", file(`{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}`, "1234"), `tensor "x": data_offsets: got [4 0], want [begin, end] with begin ≤ end`},
		{"one offset", file(`{"x":{"dtype":"F32","shape":[1],"data_offsets":[4]}}`, "1234"), `data_offsets: got [4]`},
		{"hole", file(`{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, "12345678"), `tensor "x": data_offsets: got data that begins at byte 66 of the file, want 62, where the data before it ends`},
		{"overlap", file(`{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, "12345678"), `tensor "y": data_offsets: got data that begins at byte`},
		{"offset beyond int64", file(`{"x":{"dtype":"F32","shape":[0],"data_offsets":[9223372036854775807,9223372036854775807]}}`, ""), `tensor "x": data_offsets: got data that begins at 9223372036854775807, want an offset inside the file`},
		{"bytes left over", file(good, "12345"), `byte 66: got 1 bytes after the last tensor, want none`},
	} {
		_, err := read(c.file)
		if err == nil {
			t.Errorf("%s: accepted", c.name)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n got %s\nwant %s", c.name, err, c.want)
		}
		var malformed *modelfile.FormatError
		var unsupported *modelfile.UnsupportedError
		if !errors.As(err, &malformed) && !errors.As(err, &unsupported) {
			t.Errorf("%s: got %T, want a FormatError or UnsupportedError", c.name, err)
		}
	}
}

func TestReadToRefuses(t *testing.T) {
	for _, c := range []struct{ dtype, data, want string }{
		{"I32", "1234", `w.safetensors: tensor "x": element type I32 is not supported, want F64, F32, F16 or BF16`},
		{"F64", "\x00\x00\x00\x00\x00\x00\xf0\x3f\x9c\x75\x00\x88\x3c\xe4\x37\x7e", `w.safetensors: byte 71: tensor "x": got a number too large for float32, want at most 3.4028234663852886e+38`},
	} {
		size := map[string]int{"I32": 4, "F64": 8}[c.dtype]
		header := fmt.Sprintf(`{"x":{"dtype":%q,"shape":[%d],"data_offsets":[0,%d]}}`, c.dtype, len(c.data)/size, len(c.data))
		s, err := read(file(header, c.data))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.ReadTo(make([]float32, len(c.data)/size), s.Entries[0]); err == nil || err.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.dtype, err, c.want)
		}
	}
}

func TestWriteRefusesNames(t *testing.T) {
	one := tensor.New[float32](1)
	for _, name := range []string{"__metadata__", "\xff"} {
		if err := modelfile.WriteSafetensors(&bytes.Buffer{}, nil, map[string]*tensor.Tensor[float32]{name: one}); err == nil {
			t.Errorf("tensor name %q: accepted", name)
		}
	}
	if err := modelfile.WriteSafetensors(&bytes.Buffer{}, map[string]string{"a": "\xff"}, nil); err == nil {
		t.Error("metadata that is not UTF-8: accepted")
	}
}

// TestWritingAndReadingBack draws names, shapes and numbers, NaN among them.
func TestWritingAndReadingBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Filter(func(s string) bool { return s != "__metadata__" })
		shape := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 4)
		metadata := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "metadata")
		tensors := map[string]*tensor.Tensor[float32]{}
		for _, key := range rapid.SliceOfN(name, 0, 5).Draw(t, "names") {
			x := tensor.New[float32](shape.Draw(t, "shape")...)
			for i := range x.Data {
				x.Data[i] = math.Float32frombits(rapid.Uint32().Draw(t, "bits"))
			}
			tensors[key] = x
		}
		var b bytes.Buffer
		if err := modelfile.WriteSafetensors(&b, metadata, tensors); err != nil {
			t.Fatal(err)
		}
		s, err := read(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if (s.Entries == nil && len(tensors) > 0) || len(s.Entries) != len(tensors) || !maps.Equal(s.Metadata, metadata) {
			t.Fatalf("got %d tensors and %v, want %d and %v", len(s.Entries), s.Metadata, len(tensors), metadata)
		}
		if len(s.Entries) > 0 && s.Entries[0].Offset%8 != 0 {
			t.Fatalf("data begins at byte %d, want a multiple of 8", s.Entries[0].Offset)
		}
		for key, want := range tensors {
			e, ok := s.Entry(key)
			if !ok || !cmp.Equal(e.Shape, append([]int{}, want.Shape...)) {
				t.Fatalf("%q: got %v %v, want %v", key, ok, e.Shape, want.Shape)
			}
			got := make([]float32, len(want.Data))
			if err := s.ReadTo(got, e); err != nil {
				t.Fatal(err)
			}
			if !slices.EqualFunc(got, want.Data, func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }) {
				t.Fatalf("%q: got %v, want %v", key, got, want.Data)
			}
		}
	})
}

func FuzzReadSafetensors(f *testing.F) {
	f.Add([]byte{})
	f.Add(file("{}      ", ""))
	f.Add(file(`{"__metadata__":{"a":"b"},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "1234"))
	f.Add(file(`{"x":{"dtype":"F16","shape":[2,1],"data_offsets":[8,12]},"y":{"shape":[],"data_offsets":[0,8],"dtype":"F64"}}  `, "123456789012"))
	f.Add(file(`{"x":{"dtype":"BF16","shape":[0,9],"data_offsets":[0,0]},"z":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}`, "12345678"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := read(b)
		if err != nil {
			return
		}
		at := int64(8 + binary.LittleEndian.Uint64(b))
		for _, e := range s.Entries {
			if e.Offset != at {
				t.Fatalf("tensor %q begins at %d, want %d", e.Name, e.Offset, at)
			}
			at += e.Size
			if n := tensor.Size(e.Shape); n > 0 && e.Size%int64(n) == 0 && n <= len(b) {
				// Any error is one of the two types; anything else panics here.
				_ = s.ReadTo(make([]float32, n), e)
			}
		}
		if at != int64(len(b)) {
			t.Fatalf("data ends at %d of %d bytes", at, len(b))
		}
	})
}
