package npy

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
)

const (
	magic     = "\x93NUMPY"
	maxHeader = 1 << 16
	maxBytes  = 1 << 36
)

// Open reads a file. Errors are those of [Read], and those of the file system.
func Open(path string) (*Array, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	stat, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if stat.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("is a folder: want an NPY file")}
	}
	return read(bufio.NewReader(f), path, stat.Size())
}

// Read reads one array from r up to its end. The name goes into errors.
// Malformed or unsupported contents are an [*Error]; errors of r come back as
// they are. Memory grows with what arrives, never with what a header promises.
func Read(r io.Reader, name string) (*Array, error) { return read(r, name, math.MaxInt64) }

type decoder struct {
	r      io.Reader
	name   string
	offset int64
}

func (d *decoder) malformed(got, want string) error {
	return &Error{File: d.name, Offset: d.offset, Got: got, Want: want}
}

func (d *decoder) unsupported(got, want string) error {
	return &Error{File: d.name, Offset: d.offset, Got: got, Want: want, Unsupported: true}
}

// fill reads len(b) bytes and moves on.
func (d *decoder) fill(b []byte, want string) error {
	n, err := io.ReadFull(d.r, b)
	d.offset += int64(n)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return d.malformed("the end of the file", want)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", d.name, err)
	}
	return nil
}

func read(r io.Reader, name string, size int64) (*Array, error) {
	d := &decoder{r: r, name: name}
	h, err := d.header()
	if err != nil {
		return nil, err
	}
	kind, order, err := parseType(h.descr)
	if err != nil {
		return nil, d.unsupported(err.Error(), "numbers or booleans, such as '<f4', '<f8', '|u1', '<i8'")
	}
	if h.fortran && len(h.shape) > 1 {
		return nil, d.unsupported("Fortran order", "C order; numpy.ascontiguousarray makes it")
	}
	count := int64(kind.width())
	for _, n := range h.shape {
		if n > 0 && count > maxBytes/int64(n) {
			return nil, d.unsupported(fmt.Sprintf("shape %v", h.shape), fmt.Sprintf("at most %d bytes", int64(maxBytes)))
		}
		count *= int64(n)
	}
	if count > size-d.offset {
		return nil, d.malformed(fmt.Sprintf("a shape %v of %d bytes with %d left in the file", h.shape, count, max(0, size-d.offset)), "as many bytes as the shape says")
	}
	a := &Array{Shape: h.shape, Type: kind, order: order}
	if a.raw, err = d.body(count); err != nil {
		return nil, err
	}
	return a, nil
}

func (d *decoder) header() (header, error) {
	start := make([]byte, len(magic)+2)
	if err := d.fill(start, "the magic bytes and a version"); err != nil {
		return header{}, err
	}
	if string(start[:len(magic)]) != magic {
		d.offset = 0
		return header{}, d.malformed(fmt.Sprintf("%q", start[:len(magic)]), fmt.Sprintf("%q", magic))
	}
	major := start[len(magic)]
	if major < 1 || major > 3 {
		return header{}, d.unsupported(fmt.Sprintf("version %d", major), "1, 2 or 3")
	}
	length := make([]byte, 4)
	digits := length
	if major == 1 {
		digits = length[:2]
	}
	if err := d.fill(digits, "the length of the header"); err != nil {
		return header{}, err
	}
	n := binary.LittleEndian.Uint32(length)
	if n > maxHeader {
		return header{}, d.unsupported(fmt.Sprintf("a header of %d bytes", n), fmt.Sprintf("at most %d", maxHeader))
	}
	text := make([]byte, n)
	begin := d.offset
	if err := d.fill(text, "the whole header"); err != nil {
		return header{}, err
	}
	h, at, err := parseHeader(string(text))
	if err != nil {
		e := &Error{File: d.name, Offset: begin + int64(at), Got: err.Error(), Want: "a dictionary of descr, fortran_order and shape"}
		var other errUnsupportedHeader
		if errors.As(err, &other) {
			e.Got, e.Want, e.Unsupported = other.got, other.want, true
		}
		return header{}, e
	}
	return h, nil
}

// body reads count bytes and the end of the file.
func (d *decoder) body(count int64) ([]byte, error) {
	data := make([]byte, min(count, 1<<20))
	for have := int64(0); ; {
		if err := d.fill(data[have:], fmt.Sprintf("%d bytes of elements", count)); err != nil {
			return nil, err
		}
		if have = int64(len(data)); have == count {
			break
		}
		grown := make([]byte, min(count, 2*have))
		copy(grown, data)
		data = grown
	}
	switch _, err := io.ReadFull(d.r, make([]byte, 1)); {
	case errors.Is(err, io.EOF):
		return data, nil
	case err != nil:
		return nil, fmt.Errorf("%s: %w", d.name, err)
	}
	return nil, d.malformed("bytes after the last element", "the end of the file")
}
