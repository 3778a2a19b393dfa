package problems

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

// referenceCase is one case of testdata/*.json.
type referenceCase struct {
	Name, Op  string
	Inputs    json.RawMessage
	Expected  map[string]any
	Tolerance struct{ Abs, Rel float64 }
}

func readReference(t testing.TB, slug string) []referenceCase {
	t.Helper()
	text, err := os.ReadFile("testdata/" + strings.ReplaceAll(slug, "-", "_") + ".json")
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
	return cases
}

// TestReference runs all cases as gradus solve --batch would.
func TestReference(t *testing.T) {
	all := library(All())
	for _, p := range all {
		for _, c := range readReference(t, p.Slug) {
			t.Run(p.Slug+"/"+c.Name, func(t *testing.T) {
				line, err := json.Marshal(map[string]any{"topic": p.Slug, "op": c.Op, "inputs": c.Inputs})
				if err != nil {
					t.Fatal(err)
				}
				out := all.solveLine(line)
				var got map[string]any
				if err := json.Unmarshal(out, &got); err != nil {
					t.Fatalf("%v: %s", err, out)
				}
				if got["error"] != nil && c.Expected["error"] == nil {
					t.Fatalf("%s", out)
				}
				for field, want := range c.Expected {
					c.compare(t, field, got[field], want)
				}
			})
		}
	}
}

// compare holds got to want, both decoded from JSON, in tolerance and shape.
func (c referenceCase) compare(t *testing.T, name string, got, want any) {
	t.Helper()
	switch want := want.(type) {
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(want) {
			t.Fatalf("%s is %v, want %v", name, got, want)
		}
		for i := range want {
			c.compare(t, fmt.Sprintf("%s[%d]", name, i), g[i], want[i])
		}
	case float64:
		g, ok := got.(float64)
		if !ok || !(math.Abs(g-want) <= c.Tolerance.Abs+c.Tolerance.Rel*math.Abs(want)) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	default:
		if got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}
