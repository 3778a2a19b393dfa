package csv_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/dataset/csv"
)

func ExampleScanner() {
	s, err := csv.NewScanner(strings.NewReader("a,kind,b\n1,x,2\n3,w,4\n5,w\n"), "rows", csv.Options{Comma: ',', Label: "kind"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Columns())
	for {
		features, label, err := s.Next()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(features, label)
	}
	// Output:
	// [a b]
	// [1 2] x
	// [3 4] w
	// rows: line 4: got another number of fields: want 3, as in the first line
}

// What Read accepts, a scanner reads line by line, and what it refuses too.
func TestScannerIsRead(t *testing.T) {
	for _, text := range []string{"a,y\n1,x\n2,w\n", "1,2\n3,4\n", "1,2", "\ufeffa,y\r\n1,2\r\n", "", "a,y\n", "1,2\n3\n", "1,2\nNaN,4\n", "a,y\n1,\n", "\"1,2\n"} {
		for _, o := range []csv.Options{{Comma: ','}, {Comma: ',', Label: "y"}, {Comma: ',', Label: "-1"}, {}} {
			want, wantErr := csv.Read(strings.NewReader(text), "x", o)
			var values []float32
			var labels []string
			s, err := csv.NewScanner(strings.NewReader(text), "x", o)
			for err == nil {
				var features []float32
				var label string
				if features, label, err = s.Next(); err == nil {
					values = append(values, features...)
					labels = append(labels, label)
				}
			}
			if errors.Is(err, io.EOF) {
				err = nil
				if len(labels) == 0 { // Read refuses a table of names alone
					err = wantErr
				}
			}
			if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
				t.Errorf("%q, %+v: error %v, Read's is %v", text, o, err, wantErr)
				continue
			}
			if err != nil {
				continue
			}
			if !slices.Equal(values, want.X.Data) || !slices.Equal(s.Columns(), want.Columns) {
				t.Errorf("%q, %+v: %v of %v, want %v of %v", text, o, values, s.Columns(), want.X.Data, want.Columns)
			}
			for i, label := range labels {
				if want.Labels != nil && label != want.Classes[want.Labels[i]] {
					t.Errorf("%q, %+v: label %d is %q", text, o, i, label)
				}
			}
		}
	}
}
