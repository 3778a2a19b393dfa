package reproduce_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/reproduce"
)

func Example() {
	e := reproduce.Experiment{Name: "fair", Title: "A fair coin", About: "Tosses it.", Run: func(context.Context, *reproduce.Lab) ([]reproduce.Figure, error) {
		return []reproduce.Figure{reproduce.Between("heads", 50.2, "%.1f%%", 49, 51, "50 (symmetry)")}, nil
	}}
	outcome, err := e.Measure(context.Background(), reproduce.NewLab("", 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(outcome.Markdown("pictures"))
	// Output:
	// ## A fair coin
	//
	// Tosses it.
	//
	// | | measured | band | beside it |
	// |---|---:|---|---|
	// | heads | 50.2% | 49.0% to 51.0% | 50 (symmetry) |
	//
	// `gradus reproduce --only fair`, seed 1: 0 s.
}

func TestBands(t *testing.T) {
	for _, c := range []struct {
		figure reproduce.Figure
		holds  bool
		band   string
	}{
		{reproduce.AtLeast("", 2, "%g", 2, ""), true, "≥ 2"},
		{reproduce.AtLeast("", 1.9, "%g", 2, ""), false, "≥ 2"},
		{reproduce.AtMost("", 2.1, "%g", 2, ""), false, "≤ 2"},
		{reproduce.Between("", 1.5, "%.1f", 1, 2, ""), true, "1.0 to 2.0"},
		{reproduce.Between("", math.NaN(), "%.1f", 1, 2, ""), false, "1.0 to 2.0"},
		{reproduce.Shown("", math.NaN(), "%.1f", ""), true, ""},
	} {
		if got := c.figure.Holds(); got != c.holds {
			t.Errorf("%+v: holds is %v", c.figure, got)
		}
		if got := c.figure.Band(); got != c.band {
			t.Errorf("%+v: band %q, want %q", c.figure, got, c.band)
		}
		e := reproduce.Experiment{Run: func(context.Context, *reproduce.Lab) ([]reproduce.Figure, error) {
			return []reproduce.Figure{reproduce.Shown("", 1, "%g", ""), c.figure}, nil
		}}
		o, err := e.Measure(context.Background(), reproduce.NewLab("", 1))
		if err != nil {
			t.Fatal(err)
		}
		if o.Holds() != c.holds || strings.Contains(o.Markdown(""), "outside its band") == c.holds {
			t.Errorf("%+v: the outcome says otherwise", c.figure)
		}
	}
}

func TestAnExperimentThatFailsIsNamed(t *testing.T) {
	broken := errors.New("no data")
	e := reproduce.Experiment{Name: "fair", Run: func(context.Context, *reproduce.Lab) ([]reproduce.Figure, error) { return nil, broken }}
	if _, err := e.Measure(context.Background(), reproduce.NewLab("", 1)); !errors.Is(err, broken) || !strings.Contains(err.Error(), "fair") {
		t.Errorf("error %v", err)
	}
}
