package shift_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/shift"
)

// A class that the stream has not shown for a hundred thousand rows is found
// again within two memories.
func TestTrackerRevivesAClass(t *testing.T) {
	const forgetting = 0.02
	tracker := must(shift.NewTracker([]float64{0.5, 0.5}, forgetting, 1e6))(t)
	for range 100000 {
		must(tracker.Observe([]float64{0.999, 0.001}))(t)
	}
	if p := tracker.Prior()[1]; p > 0.01 {
		t.Fatalf("prior %v of a class that is never seen", p)
	}
	for range int(2 / forgetting) {
		must(tracker.Observe([]float64{0.001, 0.999}))(t)
	}
	if p := tracker.Prior()[1]; p < 0.8 {
		t.Errorf("prior %v of the class that is all there is", p)
	}
}

// A tracker that takes up another's state goes on as that one does.
func TestTrackerResumes(t *testing.T) {
	train := []float64{0.5, 0.3, 0.2}
	p, _ := world{3, 1}.draw(200, train, []float64{0.1, 0.3, 0.6}, rand.New(rand.NewPCG(21, 22)))
	whole := must(shift.NewTracker(train, 0.05, 1e3))(t)
	part := must(shift.NewTracker(train, 0.05, 1e3))(t)
	for i := range p.Rows() {
		if i == 0 || i == 77 {
			state := part.State()
			part = must(shift.NewTracker(train, 0.05, 1e3))(t)
			if err := part.Restore(state); err != nil {
				t.Fatal(err)
			}
		}
		must(whole.Observe(p.Row(i)))(t)
		must(part.Observe(p.Row(i)))(t)
	}
	if !slices.Equal(whole.Prior(), part.Prior()) || whole.Evidence() != part.Evidence() {
		t.Errorf("%v with evidence %v; uninterrupted %v with %v", part.Prior(), part.Evidence(), whole.Prior(), whole.Evidence())
	}
	for _, bad := range []shift.TrackerState{
		{Prior: []float64{0.5, 0.5}}, {Prior: []float64{0.5, 0.5, 0.5}}, {Prior: []float64{1, 1, -1}},
		{Prior: train, Evidence: math.NaN()}, {Prior: train, Evidence: math.Inf(1)},
	} {
		if err := part.Restore(bad); err == nil {
			t.Errorf("%+v accepted", bad)
		}
	}
	if !slices.Equal(whole.Prior(), part.Prior()) {
		t.Error("a refused state changed the tracker")
	}
}

func TestSmooth(t *testing.T) {
	got := must(shift.Smooth([]float64{0, 2}, []float64{0.25, 0.75}, 9))(t)
	if want := []float64{0.025, 0.975}; !near(got, want, 1e-15) {
		t.Errorf("got %v, want %v", got, want)
	}
	// What is corrected to it can be corrected back.
	if _, err := shift.Weights(got, []float64{0.5, 0.5}); err != nil {
		t.Error(err)
	}
	if p := must(shift.Smooth([]float64{0.5, 0.5, 0}, []float64{0.5, 0.5, 0}, 3))(t); p[2] != 0 {
		t.Errorf("a class that training never saw has prior %v", p[2])
	}
	for _, bad := range []struct {
		estimate []float64
		rows     int
	}{{[]float64{1}, 3}, {[]float64{1, -1}, 3}, {[]float64{0, 1}, 0}} {
		if _, err := shift.Smooth(bad.estimate, []float64{0.5, 0.5}, bad.rows); err == nil {
			t.Errorf("%+v accepted", bad)
		}
	}
}
