package npy

import (
	"errors"
	"fmt"
)

// Error says what is wrong with a file and where. A file that is valid but
// outside of what this package reads satisfies
// errors.Is(err, [errors.ErrUnsupported]); any other is malformed.
type Error struct {
	File        string
	Offset      int64
	Want, Got   string
	Unsupported bool
}

// Error names the file, the byte, what is there and what should be.
func (e *Error) Error() string {
	kind := "malformed"
	if e.Unsupported {
		kind = "unsupported"
	}
	return fmt.Sprintf("%s: %s NPY at byte %d: got %s: want %s", e.File, kind, e.Offset, e.Got, e.Want)
}

// Is tells an unsupported file from a malformed one.
func (e *Error) Is(target error) bool { return e.Unsupported && target == errors.ErrUnsupported }
