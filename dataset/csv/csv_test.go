package csv_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gradus-ml/gradus/dataset/csv"
	"github.com/gradus-ml/gradus/tensor"
)

func TestRead(t *testing.T) {
	for _, test := range []struct {
		name, text string
		options    csv.Options
		want       csv.Table
	}{
		{"names found", "a,kind,b\n1,x,2\n3,w,-4e1\n", csv.Options{Comma: ',', Label: "kind"},
			csv.Table{Columns: []string{"a", "b"}, X: tensor.From([]float32{1, 2, 3, -40}, 2, 2), Labels: []int{1, 0}, Classes: []string{"w", "x"}}},
		{"no names, last column", "1; 2 ;10\n3;4;9\n", csv.Options{Comma: ';', Label: "-1"},
			csv.Table{X: tensor.From([]float32{1, 2, 3, 4}, 2, 2), Labels: []int{1, 0}, Classes: []string{"9", "10"}}},
		{"no labels", "1,2\n3,4\n", csv.Options{Comma: ','},
			csv.Table{X: tensor.From([]float32{1, 2, 3, 4}, 2, 2)}},
		{"names that are numbers", "0,1\n3,4\n", csv.Options{Comma: ',', Header: csv.HasHeader, Label: "1"},
			csv.Table{Columns: []string{"0"}, X: tensor.From([]float32{3}, 1, 1), Labels: []int{0}, Classes: []string{"4"}}},
		{"given classes", "x,1\n", csv.Options{Comma: ',', Label: "0", Classes: []string{"y", "x"}},
			csv.Table{X: tensor.From([]float32{1}, 1, 1), Labels: []int{1}, Classes: []string{"y", "x"}}},
		{"byte order mark, CRLF, quotes", "\ufeffa,\"b,c\"\r\n\"1\",2\r\n", csv.Options{Comma: ',', Label: "a"},
			csv.Table{Columns: []string{"b,c"}, X: tensor.From([]float32{2}, 1, 1), Labels: []int{0}, Classes: []string{"1"}}},
	} {
		got, err := csv.Read(strings.NewReader(test.text), "x", test.options)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if diff := cmp.Diff(&test.want, got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func TestRefused(t *testing.T) {
	labelled := csv.Options{Comma: ',', Label: "y"}
	for _, test := range []struct {
		text         string
		options      csv.Options
		line, column int
		want         string
	}{
		{"", labelled, 1, 0, "no examples"},
		{"x,y\n", labelled, 1, 0, "no examples"},
		{"x,y\n1,a\n2\n", labelled, 3, 0, "want 2, as in the first line"},
		{"x,y\n1,a\nbig,b\n", labelled, 3, 1, `column 1 (x): got "big": want a finite number`},
		{"x,y\nNaN,b\n", labelled, 2, 1, "finite"},
		{"x,y\n1e39,b\n", labelled, 2, 1, "finite"},
		{"x,y\n1,\n", labelled, 2, 2, "a label in each line"},
		{"a,b\n1,2\n", labelled, 1, 0, `one column "y"`},
		{"y,y\n1,2\n", labelled, 1, 0, "two columns"},
		{"1,2\n", csv.Options{Comma: ',', Label: "2"}, 1, 0, "2 columns without names"},
		{"y\n1\n", labelled, 1, 0, "labels only"},
		{"x,y\n\n\"1,2\n", labelled, 3, 0, "quote"},
		{"1,2\n1,3\n", csv.Options{Comma: ',', Label: "1", Classes: []string{"2"}}, 2, 2, `label "3": want one of ["2"]`},
		{"1,\"a\nb\"\n\n1,x y\nz,1\n", csv.Options{Comma: ',', Label: "1"}, 5, 1, "finite"},
	} {
		_, err := csv.Read(strings.NewReader(test.text), "name", test.options)
		var e *csv.Error
		if !errors.As(err, &e) || e.File != "name" || e.Line != test.line || e.Column != test.column || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v: want line %d, column %d, %q", test.text, err, test.line, test.column, test.want)
		}
	}
	for _, o := range []csv.Options{{}, {Comma: '\n'}, {Comma: ',', Label: "0", Classes: []string{"a", "a"}}} {
		if _, err := csv.Read(strings.NewReader("1,2\n"), "x", o); err == nil {
			t.Errorf("%+v passed", o)
		}
	}
	broken := errors.New("broken")
	if _, err := csv.Read(iotest.ErrReader(broken), "x", labelled); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestNumbersComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(1, 5).Draw(t, "rows"), rapid.IntRange(1, 5).Draw(t, "cols")
		want := rapid.SliceOfN(rapid.Float32(), rows*cols, rows*cols).Draw(t, "x")
		var b bytes.Buffer
		for i, v := range want {
			end := ","
			if i%cols == cols-1 {
				end = "\n"
			}
			fmt.Fprint(&b, v, end)
		}
		got, err := csv.Read(&b, "x", csv.Options{Comma: ','})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tensor.From(want, rows, cols), got.X); diff != "" {
			t.Fatal(diff)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add("a,b\n1,2\n", "b", ',')
	f.Add("1;2;x\n3;4;y\n", "-1", ';')
	f.Add("\ufeff\"a\",\"b\nc\"\r\n1,2", "a", ',')
	f.Add("1,2\n1\n", "", ',')
	f.Fuzz(func(t *testing.T, text, label string, comma rune) {
		table, err := csv.Read(strings.NewReader(text), "fuzz", csv.Options{Comma: comma, Label: label})
		if err != nil {
			return
		}
		if n := table.X.Shape[0]; n < 1 || label != "" && len(table.Labels) != n {
			t.Fatalf("%d lines, %d labels", n, len(table.Labels))
		}
		for _, y := range table.Labels {
			if y < 0 || y >= len(table.Classes) {
				t.Fatalf("label %d of %d classes", y, len(table.Classes))
			}
		}
	})
}
