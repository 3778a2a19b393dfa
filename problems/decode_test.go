package problems

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

type decoded struct {
	F float64     `json:"f"`
	N int         `json:"n"`
	V []float64   `json:"v" infinite:"yes"`
	M [][]float64 `json:"M"`
	L [][]int     `json:"m"`
	P *float64    `json:"p"`
	B bool        `json:"b"`
	S string      `json:"s"`
}

const decodable = `{"f": 1.5e-3, "n": -2, "v": [1, "Infinity", "-Infinity"], "M": [[1, 2], [3, 4]], "m": [[1], []], "p": null, "b": true, "s": "x"}`

func TestDecode(t *testing.T) {
	var got decoded
	if err := decode([]byte(decodable), &got); err != nil {
		t.Fatal(err)
	}
	want := decoded{F: 1.5e-3, N: -2, V: []float64{1, math.Inf(1), math.Inf(-1)}, M: [][]float64{{1, 2}, {3, 4}}, L: [][]int{{1}, {}}, B: true, S: "x"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	back := string(encode(nil, reflect.ValueOf(got)))
	if want := `{"f":0.0015,"n":-2,"v":[1,"Infinity","-Infinity"],"M":[[1,2],[3,4]],"m":[[1],[]],"b":true,"s":"x"}`; back != want {
		t.Errorf("encoded as %s, want %s", back, want)
	}
}

// TestDecodeRefuses changes one thing in a valid input at a time.
func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct{ old, new, code, message string }{
		{"1.5e-3", `"1.5"`, BadInput, `f, before byte 11: want a number, got "1.5"`},
		{"1.5e-3", `1e999`, BadInput, "range of float64"},
		{"1.5e-3", `null`, BadInput, "want a number, got null"},
		{"1.5e-3", `[1]`, BadInput, "want a number, got a list"},
		{"1.5e-3", `"NaN"`, "invalid_parameter", "f is NaN: want a finite number"},
		{"1.5e-3", `"Infinity"`, "invalid_parameter", "f is +Inf"},
		{`"-Infinity"]`, `"NaN"]`, "invalid_parameter", "v[2] is NaN"},
		{"-2", "-2.5", BadInput, "want an integer"},
		{"-2", "1e30", BadInput, "want an integer"},
		{"[3, 4]", "[3]", BadInput, "M[1] has 1 elements: want 2"},
		{"[3, 4]", "5", BadInput, "M[1], before byte"},
		{"true", "1", BadInput, "want true or false"},
		{`"x"}`, `3}`, BadInput, "want a string"},
		{`"b"`, `"f"`, BadInput, "want each field once"},
		{`"b"`, `"B"`, BadInput, "want a field of f, n, v, M, m, p, b, s"},
		{`, "b": true`, ``, BadInput, `lacks the field "b"`},
		{`"x"}`, `"x"} {}`, BadInput, "want the end"},
		{`"x"}`, `"x"`, BadInput, "malformed JSON"},
		{decodable, "", BadInput, "malformed JSON"},
		{decodable, "[]", BadInput, "want an object, got a list"},
	} {
		text := strings.Replace(decodable, c.old, c.new, 1)
		err := decode([]byte(text), new(decoded))
		if err == nil || Code(err) != c.code || !strings.Contains(err.Error(), c.message) {
			t.Errorf("%s: error %v, want %s with %q", text, err, c.code, c.message)
		}
	}
}

// FuzzSolve sends arbitrary inputs to every operation: none may panic, and all
// results must be readable.
func FuzzSolve(f *testing.F) {
	for _, p := range All() {
		for i, c := range readReference(f, p.Slug) {
			if i%4 == 0 {
				f.Add(p.Slug, c.Op, []byte(c.Inputs))
			}
		}
	}
	all := library(All())
	f.Fuzz(func(t *testing.T, topic, op string, inputs []byte) {
		if len(inputs) > 2000 {
			return // large sizes are slow, not wrong
		}
		if result, err := all.solve(topic, op, inputs); err == nil && (len(result) == 0 || result[0] != '{') {
			t.Errorf("%s", result)
		}
	})
}
