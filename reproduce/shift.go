package reproduce

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/shift"
)

// Sizes of the trials.
const (
	shiftTrials   = 100
	shiftSource   = 5000 // labelled images that calibrate
	shiftTarget   = 2000 // unlabelled images
	shiftRidge    = 1e-6
	shiftGap      = 1e-8
	coverTrials   = 25
	coverRows     = 1000 // of either kind
	coverResample = 100
)

// shiftKinds are the changes of priors, with the published gain of EM with
// bias-corrected temperature scaling in points.
func shiftKinds() []shiftKind {
	dirichlet := func(alpha float64) func(int, *rand.Rand) []float64 {
		return func(_ int, rng *rand.Rand) []float64 { return drawDirichlet(alpha, 10, rng) }
	}
	return []shiftKind{
		{"Dirichlet(0.1)", 5.9, true, dirichlet(0.1)},
		{"Dirichlet(1)", 1.5, true, dirichlet(1)},
		{"Dirichlet(10)", 0, false, dirichlet(10)},
		{"tweak-one 0.9", 6.4, true, func(trial int, _ *rand.Rand) []float64 {
			prior := make([]float64, 10)
			for k := range prior {
				prior[k] = 0.1 / 9
			}
			prior[trial%10] = 0.9
			return prior
		}},
	}
}

type shiftKind struct {
	name      string
	published float64
	gains     bool // known priors gain enough to speak of a share of it
	prior     func(trial int, rng *rand.Rand) []float64
}

// shiftMethods are the ways to the target priors, in the order of gains.
func shiftMethods() []string {
	return []string{"known priors", "EM, calibrated", "EM, temperature only", "EM, uncalibrated", "BBSE", "RLLS"}
}

// priorShift corrects one network for other class frequencies.
func priorShift() Experiment {
	return Experiment{
		Name:  "shift",
		Title: "Correction for class frequencies that changed",
		About: "The network that learned 2,000 images by heart (784-256-10, 40 epochs): one of about the accuracy that the published gains suggest, since a better network leaves less to gain. Every trial draws 5,000 labelled images that it never saw, whose frequencies are those of training, and 2,000 unlabelled others whose frequencies are drawn: Dirichlet(α), or 90% of one class. The labelled ones calibrate it by a temperature and a bias a class. Gains are in points of accuracy over its own answers, the mean of 100 trials ± its standard error. All corrections but “uncalibrated” and “temperature only” apply the priors that they know or found to the calibrated probabilities; RLLS has the regularisation of its authors, with α = 0.01. Coverage is of 95% bootstrap intervals for the ten frequencies, under Dirichlet(1), from 1,000 labelled and 1,000 unlabelled images, 100 resamples.",
		Run: func(ctx context.Context, lab *Lab) ([]Figure, error) {
			rest, test, err := lab.overconfident(ctx)
			if err != nil {
				return nil, err
			}
			pool := newShiftPool(rest, test)
			var figures []Figure
			picture := report.DotPanel{X: "change of the frequencies", Y: "gain in accuracy (points)", Legend: report.TopRight, FromZero: true}
			for _, m := range shiftMethods() {
				picture.Series = append(picture.Series, report.DotSeries{Name: m})
			}
			for i, kind := range shiftKinds() {
				lab.Say(fmt.Sprintf("%s: %d trials", kind.name, shiftTrials))
				gains, base, err := kind.run(ctx, pool, shiftTrials, shiftSource, shiftTarget, rand.New(rand.NewPCG(lab.Seed, uint64(i))))
				if err != nil {
					return nil, err
				}
				figures = append(figures, kind.figures(gains, base)...)
				picture.Categories = append(picture.Categories, kind.name)
				for m, g := range gains {
					s, i := &picture.Series[m], g.Interval(0.95)
					s.Values, s.Low, s.High = append(s.Values, 100*g.Mean), append(s.Low, 100*i.Low), append(s.High, 100*i.High)
				}
			}
			lab.Draw("shift.svg", "Points of accuracy that a correction gains over the network's own answers, with the 95% interval of the mean of 100 trials.",
				report.Dots{Title: "what corrections gain, 2,000 unlabelled images", Panels: []report.DotPanel{picture}})
			lab.Say("coverage of the intervals")
			covered, err := coverage(ctx, pool, coverTrials, coverRows, coverResample, rand.New(rand.NewPCG(lab.Seed, 9)))
			if err != nil {
				return nil, err
			}
			// The ten intervals of a trial depend on each other; as independent
			// ones, 250 have a standard error of 1.4 points.
			return append(figures, Between("95% intervals that hold the frequency", 100*covered, "%.1f%%", 90, 99, "promised 95%")), nil
		},
	}
}

// figures are those of one kind of change.
func (k shiftKind) figures(gains []losses.Estimate, base losses.Estimate) []Figure {
	figures := []Figure{Shown(k.name+": accuracy of the network's own answers", 100*base.Mean, "%.1f%%", fmt.Sprintf("± %.1f", 100*base.StandardError))}
	for m, name := range shiftMethods() {
		beside := fmt.Sprintf("± %.2f", 100*gains[m].StandardError)
		if name == "EM, calibrated" {
			beside += fmt.Sprintf("; published %+.1f", k.published)
		}
		figures = append(figures, Shown(k.name+": "+name, 100*gains[m].Mean, "%+.2f", beside))
	}
	if k.gains {
		figures = append(figures, AtLeast(k.name+": share of the known priors' gain that calibrated EM has", 100*gains[1].Mean/gains[0].Mean, "%.1f%%", 95, ""))
	}
	return figures
}

// run returns the gains of the methods and the accuracy without any.
func (k shiftKind) run(ctx context.Context, pool *shiftPool, trials, source, target int, rng *rand.Rand) (gains []losses.Estimate, base losses.Estimate, err error) {
	var bases []float64
	all := make([][]float64, len(shiftMethods()))
	for trial := range trials {
		if err := ctx.Err(); err != nil {
			return nil, base, err
		}
		prior := k.prior(trial, rng)
		labelled, unlabelled, err := pool.draw(source, target, prior, rng)
		if err != nil {
			return nil, base, err
		}
		own := share(unlabelled.z.Argmax(), unlabelled.labels)
		bases = append(bases, own)
		decisions, err := corrections(labelled, unlabelled, prior)
		if err != nil {
			return nil, base, fmt.Errorf("%s, trial %d: %w", k.name, trial, err)
		}
		for m, d := range decisions {
			all[m] = append(all[m], share(d, unlabelled.labels)-own)
		}
	}
	for _, values := range all {
		g, err := losses.EstimateMean(len(values), func(i int) float64 { return values[i] })
		if err != nil {
			return nil, base, err
		}
		gains = append(gains, g)
	}
	base, err = losses.EstimateMean(len(bases), func(i int) float64 { return bases[i] })
	return gains, base, err
}

func share(decisions, labels []int) float64 {
	right := 0
	for i, d := range decisions {
		if d == labels[i] {
			right++
		}
	}
	return float64(right) / float64(len(labels))
}

// corrections are the decisions of each method.
func corrections(labelled, unlabelled *unseen, prior []float64) ([][]int, error) {
	a, err := shift.Adapt(labelled.z, labelled.labels, unlabelled.z, shiftRidge, shiftGap)
	if err != nil {
		return nil, err
	}
	frequencies, err := shift.Frequencies(labelled.labels, unlabelled.z.Classes)
	if err != nil {
		return nil, err
	}
	t, err := losses.FitTemperature(labelled.z, labelled.labels)
	if err != nil {
		return nil, err
	}
	confusion, err := shift.HardConfusion(a.Source, labelled.labels)
	if err != nil {
		return nil, err
	}
	predicted := confusion.Predicted(a.Target)
	bbse, err := shift.BBSE(confusion, predicted)
	if err != nil {
		return nil, err
	}
	rlls, err := shift.RLLS(confusion, predicted, regularisation(len(labelled.labels), unlabelled.z.Classes))
	if err != nil {
		return nil, err
	}
	em := func(p losses.Probs) ([]int, error) {
		m, err := shift.MaximumLikelihood(p, frequencies, frequencies, shiftGap)
		if err != nil {
			return nil, err
		}
		r, err := shift.Reweight(p, frequencies, m.Prior)
		if err != nil {
			return nil, err
		}
		return r.Decisions, nil
	}
	decisions := [][]int{nil, a.Corrected.Decisions}
	for _, p := range []losses.Probs{t.Apply(unlabelled.z).Probs(), unlabelled.z.Probs()} {
		d, err := em(p)
		if err != nil {
			return nil, err
		}
		decisions = append(decisions, d)
	}
	for i, target := range [][]float64{prior, bbse.Clipped, rlls.Clipped} {
		r, err := shift.Reweight(a.Target, a.Train, target)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			decisions[0] = r.Decisions
			continue
		}
		decisions = append(decisions, r.Decisions)
	}
	return decisions, nil
}

// regularisation is the Δ of RLLS with confidence 0.95, times 0.01: it shrinks
// as the confusion matrix of n rows becomes sure. Source: Azizzadenesheli et
// al., ICLR 2019, and their program.
func regularisation(n, classes int) float64 {
	log := math.Log(2 * float64(classes) / 0.05)
	return 0.01 * 3 * (2*log/(3*float64(n)) + math.Sqrt(2*log/float64(n)))
}

// coverage is the share of bootstrap intervals that hold the frequency.
func coverage(ctx context.Context, pool *shiftPool, trials, rows, resamples int, rng *rand.Rand) (float64, error) {
	held, all := 0, 0
	for range trials {
		prior := drawDirichlet(1, 10, rng)
		labelled, unlabelled, err := pool.draw(rows, rows, prior, rng)
		if err != nil {
			return 0, err
		}
		a, err := shift.Adapt(labelled.z, labelled.labels, unlabelled.z, shiftRidge, shiftGap)
		if err != nil {
			return 0, err
		}
		intervals, err := a.Bootstrap(labelled.labels, shiftRidge, shiftGap, resamples, 0.95, rng, ctx.Err)
		if err != nil {
			return 0, err
		}
		for k, i := range intervals {
			all++
			if i.Low <= prior[k] && prior[k] <= i.High {
				held++
			}
		}
	}
	return float64(held) / float64(all), nil
}

// shiftPool is the images that trials draw from.
type shiftPool struct{ all *unseen }

func newShiftPool(parts ...*unseen) *shiftPool {
	p := &shiftPool{&unseen{z: losses.Logits{Table: losses.Table{Classes: parts[0].z.Classes}}}}
	for _, part := range parts {
		p.all.z.Data, p.all.labels = append(p.all.z.Data, part.z.Data...), append(p.all.labels, part.labels...)
	}
	return p
}

// draw returns labelled images as they come and unlabelled others of the given
// prior, none of them twice.
func (p *shiftPool) draw(labelled, unlabelled int, prior []float64, rng *rand.Rand) (source, target *unseen, err error) {
	order := rng.Perm(len(p.all.labels))
	byClass := make([][]int, len(prior))
	for _, i := range order[labelled:] {
		byClass[p.all.labels[i]] = append(byClass[p.all.labels[i]], i)
	}
	var drawn []int
	label := distuv.NewCategorical(prior, rng)
	for range unlabelled {
		k := int(label.Rand())
		if len(byClass[k]) == 0 {
			return nil, nil, fmt.Errorf("class %d has no more images", k)
		}
		drawn, byClass[k] = append(drawn, byClass[k][0]), byClass[k][1:]
	}
	return p.all.pick(order[:labelled]), p.all.pick(drawn), nil
}

// drawDirichlet draws frequencies of a symmetric Dirichlet distribution. None
// is exactly 0.
func drawDirichlet(alpha float64, classes int, rng *rand.Rand) []float64 {
	gamma := distuv.Gamma{Alpha: alpha, Beta: 1, Src: rng}
	p, sum := make([]float64, classes), 0.
	for k := range p {
		p[k] = max(gamma.Rand(), 1e-30)
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
	return p
}
