package idx_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gradus-ml/gradus/dataset/idx"
	"github.com/gradus-ml/gradus/tensor"
)

func compress(data []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(data)
	z.Close()
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		shape := rapid.SliceOfN(rapid.IntRange(0, 6), 1, 5).Draw(t, "shape")
		n := tensor.Size(shape)
		want := &idx.Array{Shape: shape, Data: rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "data")}
		path := filepath.Join(dir, rapid.SampledFrom([]string{"a", "a.gz"}).Draw(t, "name"))
		if err := idx.Create(path, want); err != nil {
			t.Fatal(err)
		}
		got, err := idx.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestMalformed(t *testing.T) {
	two := []byte{0, 0, 8, 1, 0, 0, 0, 2, 7, 9}
	packed := compress(two)
	spoilt := bytes.Clone(packed)
	spoilt[len(spoilt)-6] ^= 1
	for _, test := range []struct {
		name        string
		data        []byte
		offset      int64
		unsupported bool
	}{
		{"empty", nil, 0, false},
		{"no zeros", []byte("PK\x03\x04"), 0, false},
		{"unknown type", []byte{0, 0, 7, 1}, 2, false},
		{"floats", []byte{0, 0, 0x0d, 1, 0, 0, 0, 0}, 2, true},
		{"rank 0", []byte{0, 0, 8, 0, 1}, 3, false},
		{"rank 9", []byte{0, 0, 8, 9}, 3, true},
		{"cut in the shape", []byte{0, 0, 8, 2, 0, 0, 0, 1, 0}, 8, false},
		{"overflow", []byte{0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}, 8, true},
		{"cut in the data", two[:9], 9, false},
		{"more than promised", append(bytes.Clone(two), 3), 10, false},
		{"gzip header alone", packed[:2], 0, false},
		{"gzip cut short", packed[:len(packed)-1], 10, false},
		{"gzip checksum", spoilt, 10, false},
		{"gzip of too little", compress(two[:9]), 9, false},
		{"gzip of too much", compress(append(bytes.Clone(two), 3)), 10, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := idx.Read(bytes.NewReader(test.data), "x")
			var e *idx.Error
			if !errors.As(err, &e) || e.Offset != test.offset || errors.Is(err, errors.ErrUnsupported) != test.unsupported || e.File != "x" || e.Want == "" || e.Got == "" {
				t.Errorf("got %v: want offset %d, unsupported %t", err, test.offset, test.unsupported)
			}
		})
	}
}

// A header may promise 16 GB; the memory taken must follow the bytes that came.
func TestPromisesTakeNoMemory(t *testing.T) {
	header := []byte{0, 0, 8, 2, 0, 1, 0, 0, 0, 3, 0, 0}
	path := filepath.Join(t.TempDir(), "big")
	for _, content := range [][]byte{header, compress(header)} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := idx.Open(path)
		_, err2 := idx.Read(bytes.NewReader(content), "x")
		runtime.ReadMemStats(&after)
		var e *idx.Error
		if !errors.As(err, &e) || !errors.As(err2, &e) {
			t.Errorf("got %v and %v", err, err2)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 8<<20 {
			t.Errorf("took %d bytes", took)
		}
	}
}

func TestSystemErrorsComeBack(t *testing.T) {
	broken := errors.New("broken wire")
	_, err := idx.Read(io.MultiReader(bytes.NewReader([]byte{0, 0, 8, 1, 0, 0, 0, 2}), iotest.ErrReader(broken)), "x")
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if _, err := idx.Open(t.TempDir()); err == nil {
		t.Error("opened a folder")
	}
	if err := idx.Write(io.Discard, &idx.Array{Shape: []int{3}, Data: []byte{1}}); err == nil {
		t.Error("wrote a shape that does not fit")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte{0, 0, 8, 1, 0, 0, 0, 2, 7, 9})
	f.Add(compress([]byte{0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 1, 5}))
	f.Add([]byte{0, 0, 8, 2, 255, 255, 255, 255, 0, 0, 0, 0})
	f.Add([]byte{0, 0, 0x0e, 1, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := idx.Read(bytes.NewReader(data), "fuzz")
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := idx.Write(&b, a); err != nil {
			t.Fatal(err)
		}
		again, err := idx.Read(&b, "again")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a, again); diff != "" {
			t.Fatal(diff)
		}
	})
}
