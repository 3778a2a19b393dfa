package npy_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gradus-ml/gradus/dataset/npy"
	"github.com/gradus-ml/gradus/tensor"
)

// file puts a header and elements together.
func file(major byte, text string, elements ...byte) []byte {
	b := append([]byte("\x93NUMPY"), major, 0, byte(len(text)), byte(len(text)>>8))
	if major > 1 {
		b = append(b, 0, 0)
	}
	return append(append(b, text...), elements...)
}

func dict(descr, fortran, shape string) string {
	return fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", descr, fortran, shape)
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 4).Draw(t, "shape")
		n := tensor.Size(shape)
		want := tensor.From(rapid.SliceOfN(rapid.Float64(), n, n).Draw(t, "data"), shape...)
		var b bytes.Buffer
		if err := npy.Write(&b, want); err != nil {
			t.Fatal(err)
		}
		if start := b.Len() - 8*n; start%64 != 0 {
			t.Fatalf("elements begin at byte %d", start)
		}
		a, err := npy.Read(&b, "x")
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Float64(); !cmp.Equal(got.Data, want.Data) || tensor.Size(got.Shape) != n || len(got.Shape) != len(shape) {
			t.Fatalf("got %v: want %v", got, want)
		}
	})
}

func TestTypes(t *testing.T) {
	for _, test := range []struct {
		major byte
		descr string
		raw   []byte
		want  []float64
		ints  bool
	}{
		{1, "<f4", []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}, []float64{1, -2}, false},
		{2, ">f4", []byte{0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0}, []float64{1, -2}, false},
		{3, "<f8", []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f}, []float64{1, math.Inf(1)}, false},
		{1, "|u1", []byte{0, 255}, []float64{0, 255}, true},
		{1, "|b1", []byte{0, 1}, []float64{0, 1}, true},
		{1, "|i1", []byte{1, 255}, []float64{1, -1}, true},
		{1, "<i2", []byte{1, 0, 0, 0x80}, []float64{1, -32768}, true},
		{1, ">u2", []byte{1, 0, 0, 0x80}, []float64{256, 128}, true},
		{1, "<i8", append(bytes.Repeat([]byte{255}, 8), 3, 0, 0, 0, 0, 0, 0, 0), []float64{-1, 3}, true},
	} {
		a, err := npy.Read(bytes.NewReader(file(test.major, dict(test.descr, "False", "(2,)"), test.raw...)), "x")
		if err != nil {
			t.Errorf("%s: %v", test.descr, err)
			continue
		}
		if diff := cmp.Diff(test.want, a.Float64().Data); diff != "" {
			t.Errorf("%s: %s", test.descr, diff)
		}
		ints, err := a.Ints()
		if (err == nil) != test.ints {
			t.Errorf("%s: ints: %v, %v", test.descr, ints, err)
		}
		for i, v := range ints {
			if float64(v) != test.want[i] {
				t.Errorf("%s: ints %v: want %v", test.descr, ints, test.want)
			}
		}
	}
	a, err := npy.Read(bytes.NewReader(file(1, dict("<u8", "False", "(1,)"), bytes.Repeat([]byte{255}, 8)...)), "x")
	if err != nil {
		t.Fatal(err)
	}
	if ints, err := a.Ints(); err == nil {
		t.Errorf("2⁶⁴−1 became %v", ints)
	}
}

func TestRefused(t *testing.T) {
	good := file(1, dict("<f4", "False", "(1,)"), 0, 0, 0, 0)
	for _, test := range []struct {
		name, want  string // want is in the message
		data        []byte
		unsupported bool
	}{
		{"empty", "end of the file", nil, false},
		{"another format", "NUMPY", []byte("PK\x03\x04abcdefgh"), false},
		{"version", "version 4", file(4, ""), true},
		{"fortran", "ascontiguousarray", file(1, dict("<f4", "True", "(2, 2)"), make([]byte, 16)...), true},
		{"objects", "|O", file(1, dict("|O", "False", "(2,)")), true},
		{"complex", "<c8", file(1, dict("<c8", "False", "(2,)")), true},
		{"records", "records", file(1, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}"), true},
		{"huge header", "header of", []byte("\x93NUMPY\x02\x00\xff\xff\xff\xff"), true},
		{"huge shape", "at most", file(1, dict("<f8", "False", "(4294967296, 4294967296)")), true},
		{"dimension", "fits in memory", file(1, dict("<f8", "False", "(99999999999999999999,)")), false},
		{"negative", "'-'", file(1, dict("<f8", "False", "(-1,)")), false},
		{"missing key", "missing", file(1, "{'descr': '<f4'}"), false},
		{"twice", "once", file(1, "{'descr': '<f4', 'descr': '<f4'}"), false},
		{"unknown key", "\"a\"", file(1, "{'a': '<f4'}"), false},
		{"no quote", "closing", file(1, "{'descr"), false},
		{"after", "after the dictionary", file(1, dict("<f4", "False", "()")+"x"), false},
		{"cut", "bytes of elements", good[:len(good)-1], false},
		{"too long", "after the last", append(bytes.Clone(good), 0), false},
	} {
		_, err := npy.Read(bytes.NewReader(test.data), "name")
		var e *npy.Error
		if !errors.As(err, &e) || e.File != "name" || !strings.Contains(err.Error(), test.want) || errors.Is(err, errors.ErrUnsupported) != test.unsupported {
			t.Errorf("%s: got %v: want %q, unsupported %t", test.name, err, test.want, test.unsupported)
		}
	}
	broken := errors.New("broken")
	if _, err := npy.Read(io.MultiReader(bytes.NewReader(good[:20]), iotest.ErrReader(broken)), "x"); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(file(1, dict("<f4", "False", "(1, 2)"), 1, 2, 3, 4, 5, 6, 7, 8))
	f.Add(file(2, dict("|u1", "False", "()"), 7))
	f.Add(file(3, dict(">i8", "True", "(1,)"), 0, 0, 0, 0, 0, 0, 0, 1))
	f.Add(file(1, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1L,)}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := npy.Read(bytes.NewReader(data), "fuzz")
		if err != nil {
			return
		}
		x := a.Float64()
		var b bytes.Buffer
		if err := npy.Write(&b, x); err != nil {
			t.Fatal(err)
		}
		again, err := npy.Read(&b, "again")
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range again.Float64().Data {
			if math.Float64bits(v) != math.Float64bits(x.Data[i]) && !math.IsNaN(v) {
				t.Fatalf("element %d: %v became %v", i, x.Data[i], v)
			}
		}
	})
}
