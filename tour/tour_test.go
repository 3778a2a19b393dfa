package tour_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-ml/gradus/tour"
)

func Example() {
	chapters, err := tour.Chapters("tied-dilated-filter")
	if err != nil {
		fmt.Println(err)
		return
	}
	outcome, err := chapters[0].Visit(context.Background(), tour.NewLab(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(chapters[0].Question)
	fmt.Println(len(outcome.Figures), "figures, all within their tolerance:", outcome.Holds())
	// Output:
	// Is the gradient of a layer that I wrote right, at its borders too?
	// 5 figures, all within their tolerance: true
}

func TestChapters(t *testing.T) {
	all, err := tour.Chapters("")
	if err != nil || len(all) != 11 {
		t.Fatalf("%d chapters, error %v: want eleven", len(all), err)
	}
	for i, c := range all {
		if c.Number != i+1 || c.Title == "" || !strings.HasSuffix(c.Question, "?") || !strings.HasPrefix(c.Try, "gradus ") {
			t.Errorf("chapter %d is %+v", i+1, c)
		}
		for _, name := range []string{c.Slug, fmt.Sprint(c.Number)} {
			if one, err := tour.Chapters(name); err != nil || len(one) != 1 || one[0].Slug != c.Slug {
				t.Errorf("%q gives %v, error %v", name, one, err)
			}
		}
	}
	if _, err := tour.Chapters("nowhere"); err == nil {
		t.Error("there is a chapter nowhere")
	}
}

func visit(t *testing.T, lab *tour.Lab, only string) *tour.Outcome {
	t.Helper()
	chapters, err := tour.Chapters(only)
	if err != nil {
		t.Fatal(err)
	}
	o, err := chapters[0].Visit(t.Context(), lab)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// The figures are a function of the seed: not of what was visited before, and
// theory holds whatever the seed is.
func TestFiguresAreOfTheSeed(t *testing.T) {
	first := visit(t, tour.NewLab(1), "kmeans")
	again := tour.NewLab(1)
	visit(t, again, "kl-cross-entropy")
	if second := visit(t, again, "kmeans"); !cmp.Equal(first.Figures, second.Figures) {
		t.Errorf("after another chapter the figures are others: %v", cmp.Diff(first.Figures, second.Figures))
	}
	if other := visit(t, tour.NewLab(2), "kmeans"); cmp.Equal(first.Figures, other.Figures) || !other.Holds() {
		t.Errorf("seed 2: %+v", other.Figures)
	}
}

func TestFigures(t *testing.T) {
	for _, c := range []struct {
		figure tour.Figure
		holds  bool
		theory string
	}{
		{tour.Figure{Theory: 2, Measured: 2.1, Low: 1.9, High: 2.1}, true, "2.0"},
		{tour.Figure{Theory: 2, Measured: 2.2, Low: 1.9, High: 2.1}, false, "2.0"},
		{tour.Figure{Theory: 2, Measured: math.NaN(), Low: 1.9, High: 2.1}, false, "2.0"},
		{tour.Figure{Theory: 2, Measured: 1, Low: math.Inf(-1), High: 2}, true, "≤ 2.0"},
		{tour.Figure{Theory: 2, Measured: math.NaN(), Low: math.Inf(-1), High: 2}, false, "≤ 2.0"},
		{tour.Figure{Theory: 2, Measured: 1, Low: 2, High: math.Inf(1)}, false, "≥ 2.0"},
	} {
		c.figure.Format = "%.1f"
		if theory, _ := c.figure.Texts(); c.figure.Holds() != c.holds || theory != c.theory {
			t.Errorf("%+v: holds is %v, theory %q", c.figure, c.figure.Holds(), theory)
		}
	}
}

func TestPage(t *testing.T) {
	good := visit(t, tour.NewLab(1), "2")
	bad := *good
	bad.Figures = slices.Clone(good.Figures)
	bad.Figures[0].Measured = 1
	for _, c := range []struct {
		outcomes []*tour.Outcome
		verdict  string
	}{
		{[]*tour.Outcome{good}, "1 chapter: every measurement is where theory says, within its tolerance"},
		{[]*tour.Outcome{good, &bad}, "2 chapters: outside a tolerance in tied-dilated-filter"},
	} {
		if got := tour.Verdict(c.outcomes); got != c.verdict {
			t.Errorf("verdict %q, want %q", got, c.verdict)
		}
		var page bytes.Buffer
		if err := tour.Page(c.outcomes, 1).Write(&page); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"The gradient of a tied, dilated filter", c.verdict[1:], "<svg "} {
			if !strings.Contains(page.String(), want) {
				t.Errorf("the page lacks %q", want)
			}
		}
		if outside := strings.Contains(page.String(), "(outside)"); outside != (len(c.outcomes) == 2) {
			t.Errorf("a figure is marked as outside: %v", outside)
		}
	}
}
