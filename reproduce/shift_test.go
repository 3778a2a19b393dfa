package reproduce

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/losses"
)

// madeUp is what a network too sure by the factor heat makes of images whose
// classes are as likely as it said at heat 1.
func madeUp(n int, heat float64, rng *rand.Rand) *unseen {
	u := &unseen{z: losses.Logits{Table: losses.Table{Classes: 10}}}
	for range n {
		label := rng.IntN(10)
		for k := range 10 {
			// The log-density ratio of unit Gaussians around 0 and 2.5.
			x := rng.NormFloat64()
			if k == label {
				x += 2.5
			}
			u.z.Data = append(u.z.Data, heat*2.5*x)
		}
		u.labels = append(u.labels, label)
	}
	return u
}

func TestCorrectionsGain(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	pool := newShiftPool(madeUp(12000, 2, rng))
	for _, kind := range shiftKinds() {
		if !kind.gains || kind.name == "Dirichlet(1)" {
			continue
		}
		gains, base, err := kind.run(t.Context(), pool, 4, 1500, 600, rng)
		if err != nil {
			t.Fatal(err)
		}
		if len(gains) != len(shiftMethods()) || !(base.Mean > 0.7 && base.Mean < 0.98) {
			t.Fatalf("%s: %d gains over %v", kind.name, len(gains), base)
		}
		known, em, raw := gains[0].Mean, gains[1].Mean, gains[3].Mean
		if known < 0.02 || em < 0.85*known || raw > em {
			t.Errorf("%s: known priors gain %v, EM %v, uncalibrated %v", kind.name, known, em, raw)
		}
		if figures := kind.figures(gains, base); len(figures) != len(shiftMethods())+2 {
			t.Errorf("%s: %d figures", kind.name, len(figures))
		}
	}
	covered, err := coverage(t.Context(), pool, 3, 300, 30, rng)
	if err != nil || covered < 0.6 || covered > 1 {
		t.Errorf("coverage %v, %v", covered, err)
	}
}

func TestDrawsAreDisjointAndOfThePrior(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	pool := newShiftPool(madeUp(3000, 1, rng), madeUp(3000, 1, rng))
	prior := []float64{0.5, 0, 0.5, 0, 0, 0, 0, 0, 0, 0}
	source, target, err := pool.draw(1000, 700, prior, rng)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[float64]bool{}
	for _, u := range []*unseen{source, target} {
		for i := range u.labels {
			if first := u.z.Row(i)[0]; seen[first] {
				t.Fatalf("row %d was drawn twice", i)
			} else {
				seen[first] = true
			}
		}
	}
	zeros := 0
	for _, y := range target.labels {
		if y != 0 && y != 2 {
			t.Fatalf("class %d of prior 0", y)
		}
		if y == 0 {
			zeros++
		}
	}
	if zeros < 290 || zeros > 410 {
		t.Errorf("%d of 700 of a class of prior 0.5", zeros)
	}
	if _, _, err := pool.draw(1000, 2000, prior, rng); err == nil {
		t.Error("more images of a class were drawn than there are")
	}
	p, sum := drawDirichlet(0.1, 10, rng), 0.
	for _, v := range p {
		sum += v
	}
	if math.Abs(sum-1) > 1e-12 {
		t.Errorf("%v sums to %v", p, sum)
	}
}

func TestCalibrationFigures(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	c, err := calibrate(t.Context(), NewLab("", 1), madeUp(1500, 3, rng), madeUp(1500, 3, rng))
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(c.temperature-3) > 0.4 || c.after.Error.Debiased > 0.5*c.before.Error.Debiased {
		t.Errorf("temperature %v, error %v to %v", c.temperature, c.before.Error.Debiased, c.after.Error.Debiased)
	}
	if figures := c.figures("made up", "", "", "", ""); len(figures) != 6 {
		t.Errorf("%d figures", len(figures))
	}
}
