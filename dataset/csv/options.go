package csv

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// Header says whether the first line names the columns.
type Header int

// The three answers.
const (
	DetectHeader Header = iota // names, if no field of the first line is a number
	HasHeader
	NoHeader
)

// Options says how a table is to be read.
type Options struct {
	Comma  rune // between fields: ',', ';', '\t' …
	Header Header

	// Label is the column of the labels: its name, or its index from 0, or its
	// index from the end as -1. It is empty where there are no labels.
	Label string

	// Classes are the labels that may occur, in the order of their numbers.
	// Where it is nil they are those that do occur, sorted: by value if all are
	// numbers, as text otherwise. Give it where two files must agree.
	Classes []string
}

// labelColumn returns the index of the label column, −1 for none.
func (o Options) labelColumn(names []string, width int) (int, error) {
	if o.Label == "" {
		return -1, nil
	}
	if i := slices.Index(names, o.Label); i >= 0 {
		if slices.Contains(names[i+1:], o.Label) {
			return 0, fmt.Errorf("two columns %q", o.Label)
		}
		return i, nil
	}
	i, err := strconv.Atoi(o.Label)
	if err == nil && i < 0 {
		i += width
	}
	if err != nil || i < 0 || i >= width {
		if names == nil {
			return 0, fmt.Errorf("%d columns without names", width)
		}
		return 0, fmt.Errorf("columns %q", names)
	}
	return i, nil
}

// classOrder sorts the labels that occur.
func classOrder(seen map[string]bool) []string {
	classes := make([]string, 0, len(seen))
	numbers := true
	for c := range seen {
		classes = append(classes, c)
		_, err := strconv.ParseFloat(c, 64)
		numbers = numbers && err == nil
	}
	slices.Sort(classes)
	if numbers {
		slices.SortStableFunc(classes, func(a, b string) int {
			x, _ := strconv.ParseFloat(a, 64)
			y, _ := strconv.ParseFloat(b, 64)
			return cmp.Compare(x, y)
		})
	}
	return classes
}
