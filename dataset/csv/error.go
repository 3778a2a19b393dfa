package csv

import "fmt"

// Error says what is wrong with a file and where.
type Error struct {
	File      string
	Line      int    // from 1
	Column    int    // the field, from 1; 0 for the whole line
	Name      string // of the column, where there are names
	NoLabel   bool   // there is no such column of labels, or there are two
	Want, Got string
}

// Error names the file, the line, the column, what is there and what should be.
func (e *Error) Error() string {
	where := fmt.Sprintf("line %d", e.Line)
	if e.Column > 0 {
		where += fmt.Sprintf(", column %d", e.Column)
	}
	if e.Name != "" {
		where += fmt.Sprintf(" (%s)", e.Name)
	}
	return fmt.Sprintf("%s: %s: got %s: want %s", e.File, where, e.Got, e.Want)
}
