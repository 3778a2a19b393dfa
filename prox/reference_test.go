package prox_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/gradus-ml/gradus/prox"
)

// number is a float that may also be written "Infinity", "-Infinity" or "NaN".
type number float64

func (n *number) UnmarshalJSON(text []byte) error {
	s := string(text)
	if text[0] == '"' {
		s = s[1 : len(s)-1]
	}
	v, err := strconv.ParseFloat(s, 64)
	*n = number(v)
	return err
}

type numbers []number

func (n numbers) floats() []float64 {
	x := make([]float64, len(n))
	for i, v := range n {
		x[i] = float64(v)
	}
	return x
}

// referenceCase is one case of testdata/*.json, which are copies of the
// project's reference cases: A3, A6 and A11.
type referenceCase struct {
	Name      string
	Op        string
	Inputs    json.RawMessage
	Expected  map[string]json.RawMessage
	Tolerance struct{ Abs, Rel float64 }
}

// runReference runs the cases of a file. answer decodes the inputs and returns
// the results by name.
func runReference(t *testing.T, file string, answer func(op string, inputs func(any)) (map[string]any, error)) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []referenceCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("no cases")
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			got, err := answer(c.Op, func(in any) {
				if err := json.Unmarshal(c.Inputs, in); err != nil {
					t.Fatal(err)
				}
			})
			if code, ok := c.Expected["error"]; ok {
				e := new(prox.DomainError)
				if !errors.As(err, &e) || strconv.Quote(e.Code) != string(code) {
					t.Fatalf("error %v, want code %s", err, code)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for field, want := range c.Expected {
				if field != "unique" {
					c.compare(t, field, want, got[field])
				}
			}
		})
	}
}

func (c referenceCase) compare(t *testing.T, field string, text json.RawMessage, got any) {
	t.Helper()
	var want any
	switch got.(type) {
	case bool:
		want = new(bool)
	case float64:
		want = new(number)
	case []float64:
		want = new(numbers)
	case [][]float64:
		want = new([]numbers)
	default:
		t.Fatalf("no result %s", field)
	}
	if err := json.Unmarshal(text, want); err != nil {
		t.Fatal(err)
	}
	near := func(name string, got, want float64) {
		t.Helper()
		if got == want || math.IsNaN(got) && math.IsNaN(want) {
			return
		}
		if !(math.Abs(got-want) <= c.Tolerance.Abs+c.Tolerance.Rel*math.Abs(want)) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	row := func(name string, got, want []float64) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("%s has %d elements, want %d", name, len(got), len(want))
		}
		for i := range want {
			near(fmt.Sprintf("%s[%d]", name, i), got[i], want[i])
		}
	}
	switch want := want.(type) {
	case *bool:
		if got != *want {
			t.Errorf("%s is %v", field, got)
		}
	case *number:
		near(field, got.(float64), float64(*want))
	case *numbers:
		row(field, got.([]float64), want.floats())
	case *[]numbers:
		rows := got.([][]float64)
		if len(rows) != len(*want) {
			t.Fatalf("%s has %d rows, want %d", field, len(rows), len(*want))
		}
		for i, w := range *want {
			row(fmt.Sprintf("%s[%d]", field, i), rows[i], w.floats())
		}
	}
}
