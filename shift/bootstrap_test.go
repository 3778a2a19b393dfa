package shift_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/shift"
)

func TestBootstrapCovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	train, target := []float64{0.5, 0.3, 0.2}, []float64{0.25, 0.35, 0.4}
	w := world{3, 1}
	likelihood := func(s shift.Sample) ([]float64, error) {
		m, err := shift.MaximumLikelihood(s.Target, train, train, 1e-6)
		if err != nil {
			return nil, err
		}
		return m.Prior, nil
	}
	box := func(s shift.Sample) ([]float64, error) {
		c, err := shift.SoftConfusion(s.Source, s.Labels)
		if err != nil {
			return nil, err
		}
		e, err := shift.BBSE(c, c.Predicted(s.Target))
		if err != nil {
			return nil, err
		}
		return e.Prior, nil
	}
	for name, c := range map[string]struct {
		trials, source int
		estimate       func(shift.Sample) ([]float64, error)
	}{"likelihood": {120, 0, likelihood}, "confusion": {120, 200, box}} {
		covered := 0
		for range c.trials {
			s := shift.Sample{Source: losses.Probs{Table: losses.Table{Classes: 3}}}
			s.Source, s.Labels = w.draw(c.source, train, train, rng)
			s.Target, _ = w.draw(150, train, target, rng)
			for k, i := range must(s.Bootstrap(100, 0.9, rng, c.estimate))(t) {
				if i.Low <= target[k] && target[k] <= i.High {
					covered++
				}
			}
		}
		// Three dependent intervals a trial: 0.9 ∓ 3·√(0.09/120), less 0.02 for
		// the quantiles of only a hundred resamples.
		if share := float64(covered) / float64(3*c.trials); share < 0.80 || share > 0.98 {
			t.Errorf("%s: 90%% intervals cover with frequency %v", name, share)
		}
	}
}

func TestPriorTestKeepsItsLevel(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	train, moved := []float64{0.5, 0.3, 0.2}, []float64{0.4, 0.3, 0.3}
	w := world{3, 1}
	var sum float64
	rejected, found := 0, 0
	const trials = 400
	for range trials {
		same, _ := w.draw(200, train, train, rng)
		r := must(shift.TestPriors(same, train))(t)
		sum += r.Statistic
		if r.PValue <= 0.1 {
			rejected++
		}
		other, _ := w.draw(200, train, moved, rng)
		if must(shift.TestPriors(other, train))(t).PValue <= 0.1 {
			found++
		}
	}
	// 40 rejections with deviation 6; the mean of chi-square(2) is 2 ∓ 0.1.
	if rejected < 22 || rejected > 58 || math.Abs(sum/trials-2) > 0.35 {
		t.Errorf("%d of %d rejected at 0.1, mean statistic %v", rejected, trials, sum/trials)
	}
	if found < trials*6/10 {
		t.Errorf("a shift was found %d times of %d", found, trials)
	}
}

func TestLabelShiftTestKeepsItsLevel(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	train, target := []float64{0.4, 0.3, 0.3}, []float64{0.2, 0.3, 0.5}
	w, blurred := world{3, 1}, world{3, 1.6}
	var sum float64
	rejected, found, degrees := 0, 0, 0.0
	const trials = 300
	for range trials {
		s := shift.Sample{}
		s.Source, s.Labels = w.draw(600, train, train, rng)
		s.Target, _ = w.draw(600, train, target, rng)
		r := must(shift.TestLabelShift(s, 3))(t)
		sum += r.Statistic
		degrees += float64(r.Degrees)
		if r.PValue <= 0.1 {
			rejected++
		}
		// The classes themselves have changed: wider, as under blur. The
		// network still answers as if they had not.
		s.Target = blurredView(blurred, w, 600, train, target, rng)
		if must(shift.TestLabelShift(s, 3))(t).PValue <= 0.1 {
			found++
		}
	}
	if rejected < 14 || rejected > 46 || math.Abs(sum-degrees) > 0.15*degrees {
		t.Errorf("%d of %d rejected at 0.1; statistics add up to %v, degrees to %v", rejected, trials, sum, degrees)
	}
	if found < trials*8/10 {
		t.Errorf("changed classes were found %d times of %d", found, trials)
	}
}

// blurredView draws points of one world and gives the posteriors that the
// network of another has for them.
func blurredView(points, network world, n int, train, target []float64, rng *rand.Rand) losses.Probs {
	p, _ := points.draw(n, train, target, rng)
	z := p.LogProbs().Logits()
	// Log-posteriors are −|x−c|²/(2s²) + log prior: rescale the first part.
	ratio := points.spread * points.spread / (network.spread * network.spread)
	for at := range z.Data {
		prior := math.Log(train[at%z.Classes])
		z.Data[at] = (z.Data[at]-prior)*ratio + prior
	}
	return z.Probs()
}
