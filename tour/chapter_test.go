package tour

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// A measurement outside its tolerance takes the place of the verdict.
func TestVisit(t *testing.T) {
	lab := NewLab(1)
	for _, c := range []struct {
		measured float64
		verdict  string
	}{{1.05, "fair"}, {1.2, "outside its tolerance: heads: theory 1.0, measured 1.2"}} {
		chapter := Chapter{Slug: "coin", run: func(context.Context, *Lab) (*finding, error) {
			return &finding{figures: []Figure{near("heads", "%.1f", 1, c.measured, 0.1, "a tenth")}, verdict: "fair"}, nil
		}}
		if o, err := chapter.Visit(t.Context(), lab); err != nil || o.Verdict != c.verdict || o.Holds() != (c.verdict == "fair") {
			t.Errorf("measured %v: %+v, error %v", c.measured, o, err)
		}
	}
	broken := errors.New("lost the coin")
	chapter := Chapter{Slug: "coin", run: func(context.Context, *Lab) (*finding, error) { return nil, broken }}
	if _, err := chapter.Visit(t.Context(), lab); !errors.Is(err, broken) || !strings.Contains(err.Error(), "coin") {
		t.Errorf("error %v", err)
	}
}

// Every chapter stops when it is told to.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	lab := NewLab(1)
	if _, _, err := lab.digits(ctx); err != nil {
		t.Fatal(err)
	}
	cancel()
	chapters, err := Chapters("")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range chapters {
		if _, err := c.Visit(ctx, lab); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v", c.Slug, err)
		}
	}
}
