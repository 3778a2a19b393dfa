package idx

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/gradus-ml/gradus/tensor"
)

// Write writes an array of bytes, uncompressed. It refuses a shape that the
// format cannot hold or that does not fit the data.
func Write(w io.Writer, a *Array) error {
	if len(a.Shape) < 1 || len(a.Shape) > maxRank {
		return fmt.Errorf("idx: shape %v: want 1 to %d dimensions", a.Shape, maxRank)
	}
	header := []byte{0, 0, 0x08, byte(len(a.Shape))}
	for _, n := range a.Shape {
		if n < 0 || n > math.MaxUint32 {
			return fmt.Errorf("idx: shape %v: want dimensions below 2³²", a.Shape)
		}
		header = binary.BigEndian.AppendUint32(header, uint32(n))
	}
	if tensor.Size(a.Shape) != len(a.Data) {
		return fmt.Errorf("idx: shape %v for %d bytes: want one that fits", a.Shape, len(a.Data))
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	_, err := w.Write(a.Data)
	return err
}

// Create writes an array to a new file, or over an old one, all or nothing, and
// compresses it where the path ends in ".gz".
func Create(path string, a *Array) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	b := bufio.NewWriter(f)
	if strings.HasSuffix(path, ".gz") {
		z := gzip.NewWriter(b)
		if err := Write(z, a); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
	} else if err := Write(b, a); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil { // CreateTemp's files are private
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
