package modelfile

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxExpansion is how many times its size in a zip file a compressed file may
// take in memory, beyond the first megabyte. Weights hardly compress.
const maxExpansion = 100

// container is a folder or zip file that holds a model.
type container interface {
	io.Closer

	open(name string) (*member, error)
}

// member is an open file of a container.
type member struct {
	io.ReaderAt
	io.Closer
	name string // for errors
	size int64
}

func openContainer(path string) (container, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return folder(path), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		f.Close()
		return nil, &FormatError{File: path, Offset: -1, Got: err.Error(), Want: "a model: a folder or a zip file"}
	}
	return &archive{f, z, path}, nil
}

type folder string

func (folder) Close() error { return nil }

func (f folder) open(name string) (*member, error) {
	file, err := os.Open(filepath.Join(string(f), name))
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, err
	}
	return &member{file, file, file.Name(), info.Size()}, nil
}

type archive struct {
	*os.File
	zip  *zip.Reader
	path string
}

func (a *archive) open(name string) (*member, error) {
	full := a.path + "/" + name
	var found *zip.File
	for _, f := range a.zip.File {
		if f.Name != name {
			continue
		}
		if found != nil {
			return nil, &FormatError{File: full, Offset: -1, Got: "two files of this name", Want: "one"}
		}
		found = f
	}
	if found == nil {
		return nil, &fs.PathError{Op: "open", Path: full, Err: fs.ErrNotExist}
	}
	if found.Method == zip.Store {
		offset, err := found.DataOffset()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", full, err)
		}
		size := int64(found.UncompressedSize64)
		if info, err := a.Stat(); err != nil || size < 0 || size > info.Size()-offset {
			return nil, &FormatError{File: full, Offset: offset, Got: fmt.Sprintf("a size of %d", found.UncompressedSize64), Want: "one that the file holds"}
		}
		return &member{io.NewSectionReader(a.File, offset, size), io.NopCloser(nil), full, size}, nil
	}
	if limit := 1<<20 + maxExpansion*min(found.CompressedSize64, 1<<40); found.UncompressedSize64 > limit {
		return nil, &FormatError{File: full, Offset: -1, Got: fmt.Sprintf("%d bytes compressed to %d", found.UncompressedSize64, found.CompressedSize64), Want: fmt.Sprintf("at most %d of that length, or a file stored without compression", limit)}
	}
	r, err := found.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", full, err)
	}
	defer r.Close()
	// The reader stops at the size the entry claims, and memory grows only as
	// its bytes come.
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", full, err)
	}
	return &member{bytes.NewReader(text), io.NopCloser(nil), full, int64(len(text))}, nil
}
