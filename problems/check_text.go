package problems

import (
	"fmt"
	"reflect"
	"strings"
	"text/tabwriter"
)

// String is a table of the worst errors, with the instance of each failure
// below it.
func (r Report) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "problem\toperation\tcases\tworst error\ttolerance\tin\theld against\t")
	for _, c := range r {
		verdict := ""
		if !c.Passed {
			verdict = "FAILED"
		}
		tolerance := fmt.Sprintf("%.0e", c.Tolerance)
		if c.Tolerance == exact {
			tolerance = "exact"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%.1e\t%s\t%s\t%s\t%s\n", c.Topic, c.Operation, c.Cases, c.Error, tolerance, c.Field, c.Method, verdict)
	}
	w.Flush()
	for _, c := range r {
		if !c.Passed {
			fmt.Fprintf(&b, "\n%s %s failed: %s%s\n", c.Topic, c.Operation, c.Message, c.Instance)
		}
	}
	return b.String()
}

// MarshalJSON writes a list of objects. An error may be "Infinity".
func (r Report) MarshalJSON() ([]byte, error) { return encode(nil, reflect.ValueOf(r)), nil }
