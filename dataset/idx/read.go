package idx

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
)

// Array is an array of bytes; the last index varies fastest.
type Array struct {
	Shape []int
	Data  []byte
}

const (
	maxRank = 8
	maxSize = 1 << 34 // bytes; far above any data set in this format

	// maxRatio is the most that deflate expands its input by: a block of
	// matches of 258 bytes at a quarter of a byte each.
	maxRatio = 1032
)

// Open reads a file, compressed or not. Errors are those of [Read], and those
// of the file system.
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
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("is a folder: want an IDX file")}
	}
	return read(f, path, stat.Size())
}

// Read reads one array of bytes from r, compressed or not, up to its end. The
// name goes into errors. Malformed or unsupported contents are an [*Error];
// errors of r come back as they are.
func Read(r io.Reader, name string) (*Array, error) { return read(r, name, math.MaxInt64/maxRatio) }

// read reads an array from a stream of at most size bytes.
func read(r io.Reader, name string, size int64) (*Array, error) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	d := &decoder{r: buffered, name: name}
	if magic, _ := buffered.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		size *= maxRatio
		z, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, d.readError(err, "a gzip header")
		}
		d.r = z
	}
	shape, count, err := d.header()
	if err != nil {
		return nil, err
	}
	if count > size-d.offset {
		return nil, d.malformed(fmt.Sprintf("a shape %v of %d bytes in a file that can hold %d", shape, count, max(0, size-d.offset)), "as many bytes as the shape says")
	}
	data, err := d.body(count)
	if err != nil {
		return nil, err
	}
	return &Array{shape, data}, nil
}

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

// readError sorts an error of the stream: the end and corrupt compression are
// the file's fault, the rest the system's.
func (d *decoder) readError(err error, want string) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return d.malformed("the end of the file", want)
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		return d.malformed(err.Error(), want)
	}
	return fmt.Errorf("%s: %w", d.name, err)
}

func (d *decoder) header() (shape []int, count int64, err error) {
	var word [4]byte
	const want = "two zero bytes, a type and a rank"
	if _, err := io.ReadFull(d.r, word[:]); err != nil {
		return nil, 0, d.readError(err, want)
	}
	if word[0] != 0 || word[1] != 0 {
		return nil, 0, d.malformed(fmt.Sprintf("% x", word), want)
	}
	d.offset = 2
	switch word[2] {
	case 0x08:
	case 0x09, 0x0b, 0x0c, 0x0d, 0x0e:
		return nil, 0, d.unsupported(fmt.Sprintf("element type %#02x", word[2]), "unsigned bytes, type 0x08")
	default:
		return nil, 0, d.malformed(fmt.Sprintf("element type %#02x", word[2]), "unsigned bytes, type 0x08")
	}
	d.offset = 3
	rank := int(word[3])
	if rank == 0 {
		return nil, 0, d.malformed("0 dimensions", "at least one")
	}
	if rank > maxRank {
		return nil, 0, d.unsupported(fmt.Sprintf("%d dimensions", rank), fmt.Sprintf("at most %d", maxRank))
	}
	d.offset = 4
	count = 1
	for range rank {
		if _, err := io.ReadFull(d.r, word[:]); err != nil {
			return nil, 0, d.readError(err, fmt.Sprintf("%d dimensions of four bytes", rank))
		}
		n := int64(binary.BigEndian.Uint32(word[:]))
		if n > 0 && count > maxSize/n {
			return nil, 0, d.unsupported(fmt.Sprintf("a shape that begins %v", append(shape, int(n))), fmt.Sprintf("at most %d bytes", int64(maxSize)))
		}
		count *= n
		shape = append(shape, int(n))
		d.offset += 4
	}
	return shape, count, nil
}

// body reads count bytes and the end of the file. Memory grows with what has
// arrived, never with what was promised.
func (d *decoder) body(count int64) ([]byte, error) {
	data := make([]byte, min(count, 1<<20))
	for have := int64(0); ; {
		n, err := io.ReadFull(d.r, data[have:])
		have += int64(n)
		d.offset += int64(n)
		if err != nil {
			return nil, d.readError(err, fmt.Sprintf("%d more bytes", count-have))
		}
		if have == count {
			break
		}
		grown := make([]byte, min(count, 2*have))
		copy(grown, data)
		data = grown
	}
	var more [1]byte
	switch _, err := io.ReadFull(d.r, more[:]); {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, d.malformed("compressed data cut short", "the end of the file")
	case errors.Is(err, io.EOF):
		return data, nil
	case err != nil:
		return nil, d.readError(err, "the end of the file")
	}
	return nil, d.malformed(fmt.Sprintf("byte %#02x after the last element", more[0]), "the end of the file")
}
