package shift_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/shift"
)

func TestAdaptRecoversThePriors(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	train, target := []float64{0.5, 0.3, 0.2}, []float64{0.1, 0.3, 0.6}
	w := world{3, 1}
	source, labels := w.draw(8000, train, train, rng)
	rows, truth := w.draw(8000, train, target, rng)
	// The network is three times too sure and leans to class 0.
	distort := func(p losses.Probs) losses.Logits {
		z := p.LogProbs().Logits()
		for at := range z.Data {
			z.Data[at] *= 3
			if at%3 == 0 {
				z.Data[at] += 2
			}
		}
		return z
	}
	a := must(shift.Adapt(distort(source), labels, distort(rows), 1e-6, 1e-9))(t)
	if !near(a.Maximum.Prior, target, 0.02) {
		t.Errorf("prior %v, want about %v", a.Maximum.Prior, target)
	}
	// The promised accuracy and gain hold on the labels.
	promise := must(shift.ExpectAccuracy(a.Target, a.Train, a.Maximum.Prior))(t)
	right := func(decisions []int) (share float64) {
		for i, d := range decisions {
			if d == truth[i] {
				share += 1 / float64(len(truth))
			}
		}
		return share
	}
	before, after := right(a.Target.Argmax()), right(a.Corrected.Decisions)
	if math.Abs(promise.Before.Mean-before) > 0.02 || math.Abs(promise.After.Mean-after) > 0.02 || after < before+0.03 {
		t.Errorf("accuracy %v to %v, promised %+v", before, after, promise)
	}
	if i := promise.Gain.Interval(0.95); i.Low <= 0 || promise.Gain.Mean < 0 {
		t.Errorf("gain %+v", promise.Gain)
	}
	if _, err := shift.Adapt(distort(source), labels, losses.Logits{Table: losses.Table{Classes: 2, Data: []float64{0, 0}}}, 1e-6, 1e-9); err == nil {
		t.Error("logits of two classes accepted for a network of three")
	}
}

func ExampleTracker() {
	tracker, err := shift.NewTracker([]float64{0.5, 0.5}, 0.05, 1000)
	if err != nil {
		fmt.Println(err)
		return
	}
	for step := 0; !tracker.Alarm(); step++ {
		if _, err := tracker.Observe([]float64{0.1, 0.9}); err != nil {
			fmt.Println(err)
			return
		}
		if tracker.Alarm() {
			fmt.Printf("alarm after %d, prior %.2f\n", step+1, tracker.Prior())
		}
	}
	// Output: alarm after 22, prior [0.19 0.81]
}

func TestTrackerFollowsAndKeepsItsPromise(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	train, target := []float64{0.5, 0.3, 0.2}, []float64{0.1, 0.3, 0.6}
	w := world{3, 1}
	const threshold = 200
	var quiet, delay float64
	const trials = 60
	for range trials {
		tracker := must(shift.NewTracker(train, 0.01, threshold))(t)
		for _, part := range []struct {
			prior []float64
			time  *float64
			limit int
		}{{train, &quiet, 4 * threshold}, {target, &delay, 4 * threshold}} {
			tracker.Acknowledge()
			p, _ := w.draw(part.limit, train, part.prior, rng)
			n := 0
			for ; n < part.limit && !tracker.Alarm(); n++ {
				must(tracker.Observe(p.Row(n)))(t)
			}
			*part.time += float64(n) / trials
		}
	}
	// Times to a false alarm are cut at 4·threshold, so their mean is below the
	// true one, which is at least the threshold.
	if quiet < threshold {
		t.Errorf("a false alarm every %v, want at least %d", quiet, threshold)
	}
	if delay > 100 {
		t.Errorf("a shift is noticed after %v on average", delay)
	}
	tracker := must(shift.NewTracker(train, 0.005, 1e9))(t)
	p, _ := w.draw(5000, train, target, rng)
	for i := range p.Rows() {
		must(tracker.Observe(p.Row(i)))(t)
	}
	if !near(tracker.Prior(), target, 0.08) {
		t.Errorf("tracked %v, want about %v", tracker.Prior(), target)
	}
	if n := testing.AllocsPerRun(10, func() { must(tracker.Observe(p.Row(0)))(t) }); n > 1 { // one is must's closure
		t.Errorf("an observation allocates %v times", n)
	}
	if _, err := tracker.Observe([]float64{1, 1, 0}); err == nil {
		t.Error("a posterior of sum 2 accepted")
	}
}
