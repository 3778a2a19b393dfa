package modelfile

import (
	"fmt"
	"strings"
)

// FormatError says what is wrong with a file that should hold a model or
// tensors: it is damaged, or is not such a file.
type FormatError struct {
	File   string // the file's path, as it was given
	Offset int64  // the byte where reading stopped, or -1 where it is not one place
	Tensor string // the tensor concerned, or empty
	Field  string // the JSON field concerned, or empty
	Got    string // what the file holds
	Want   string // what would be right
}

// Error gives the place, what is there and what should be.
func (e *FormatError) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Offset >= 0 {
		fmt.Fprintf(&b, ": byte %d", e.Offset)
	}
	if e.Tensor != "" {
		fmt.Fprintf(&b, ": tensor %q", e.Tensor)
	}
	if e.Field != "" {
		b.WriteString(": " + e.Field)
	}
	fmt.Fprintf(&b, ": got %s, want %s", e.Got, e.Want)
	return b.String()
}

// UnsupportedError says that a file is well formed but uses something that
// this package does not read.
type UnsupportedError struct {
	File   string
	Tensor string // the tensor concerned, or empty
	Got    string // what the file uses
	Want   string // what is supported
}

// Error gives the place, what is used there and what is supported.
func (e *UnsupportedError) Error() string {
	where := e.File
	if e.Tensor != "" {
		where += fmt.Sprintf(": tensor %q", e.Tensor)
	}
	return fmt.Sprintf("%s: %s is not supported, want %s", where, e.Got, e.Want)
}
