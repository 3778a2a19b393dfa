package modelfile

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// WriteFile replaces the file at path by what write produces, all or nothing:
// it writes a temporary file beside it (".NAME.*.tmp"), flushes it to the disk, renames it
// over path, and flushes the folder. Whatever happens at whatever moment, path
// holds its old content or its new one; on an error it holds the old one.
func WriteFile(path string, write func(w io.Writer) error) (err error) {
	folder, name := filepath.Split(path)
	if folder == "" {
		folder = "."
	}
	f, err := os.CreateTemp(folder, "."+name+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	w := bufio.NewWriterSize(f, 1<<18)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil { // CreateTemp's files are private
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(folder)
}

// syncFolder makes the names in a folder durable.
func syncFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be flushed there; NTFS journals renames
	}
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
