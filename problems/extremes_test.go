package problems

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"
)

// variants calls f with copies of a JSON value in each of which one leaf or
// list is replaced: by extreme numbers, by nothing, by too much or too little.
func variants(v any, f func(any)) {
	switch v := v.(type) {
	case float64:
		for _, x := range []any{0., -1., 1e308, -1e308, 5e-324, 1e-200, 1 << 40, 0.5, "Infinity", "-Infinity", "NaN", nil, "x", []any{}} {
			f(x)
		}
	case string, bool, nil:
		f("x")
		f(3.)
		f(nil)
	case []any:
		f([]any{})
		f(nil)
		if len(v) > 0 {
			f(v[:len(v)-1])
			f(append(slices.Clone(v), v[0]))
		}
		for i, item := range v[:min(len(v), 3)] {
			variants(item, func(x any) {
				changed := slices.Clone(v)
				changed[i] = x
				f(changed)
			})
		}
	case map[string]any:
		for key, item := range v {
			variants(item, func(x any) {
				changed := map[string]any{}
				for k, other := range v {
					changed[k] = other
				}
				changed[key] = x
				f(changed)
			})
		}
	}
}

// TestExtremeInputs holds every operation to an answer or an error with a code,
// soon, whatever one part of its input is.
func TestExtremeInputs(t *testing.T) {
	codes := []string{BadInput, "invalid_parameter", "shape_mismatch", "invalid_distribution", "support_mismatch", "zero_normaliser", "singular", "zero_norm", "no_positive_step"}
	all := library(All())
	for _, p := range all {
		seen := map[string]int{}
		for _, c := range readReference(t, p.Slug) {
			if seen[c.Op]++; seen[c.Op] > 2 {
				continue
			}
			var inputs any
			if err := json.Unmarshal(c.Inputs, &inputs); err != nil {
				t.Fatal(err)
			}
			variants(inputs, func(v any) {
				text, err := json.Marshal(v)
				if err != nil {
					t.Fatal(err)
				}
				result, start := []byte(nil), time.Now()
				func() {
					defer func() {
						if r := recover(); r != nil {
							err = fmt.Errorf("panic: %v", r)
							t.Errorf("%s %s %s: %v", p.Slug, c.Op, text, r)
						}
					}()
					result, err = all.solve(p.Slug, c.Op, text)
				}()
				if err != nil && !slices.Contains(codes, Code(err)) {
					t.Errorf("%s %s %s: code %q", p.Slug, c.Op, text, Code(err))
				}
				if err == nil && !json.Valid(result) {
					t.Errorf("%s %s %s: %s is not JSON", p.Slug, c.Op, text, result)
				}
				if took := time.Since(start); took > 5*time.Second {
					t.Errorf("%s %s %s: %v", p.Slug, c.Op, text, took)
				}
			})
		}
	}
}
