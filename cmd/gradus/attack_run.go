package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/tensor"
)

// attackTogether is how many examples are attacked between two words of
// progress.
const attackTogether = 32

// flipTolerance is how near the smallest radius is to one that failed, as a
// part of it.
const flipTolerance = 0.02

// attackResult is what an attack found.
type attackResult struct {
	setup   *attackSetup
	source  dataset.Info
	summary attack.Summary // at the largest radius
	curve   []curvePoint
	images  []attack.Image // at the largest radius
	shown   []shownAttack
	flips   []attack.Flip
}

// curvePoint is one radius.
type curvePoint struct {
	attack.Point
	Certified *float64 `json:"certified_accuracy"` // nil where nothing was proved
}

// shownAttack is one example to draw.
type shownAttack struct {
	image           attack.Image
	clean, attacked []float32
}

// maxShown is how many examples a picture shows.
const maxShown = 8

// run attacks the source, some examples at a time.
func (s *attackSetup) run(ctx context.Context, term *terminal, source dataset.Source) (*attackResult, error) {
	r := &attackResult{setup: s, source: source.Info(), curve: make([]curvePoint, len(s.radii))}
	for i, radius := range s.radii {
		r.curve[i].Radius = radius
		if s.certifier != nil {
			r.curve[i].Certified = new(float64)
		}
	}
	var doing atomic.Value
	doing.Store("attacking")
	defer term.working(func() string { return doing.Load().(string) })()
	loader := dataset.Loader{Source: source, BatchSize: attackTogether}
	audit := &attack.Report[float32]{Attack: s.attack, Adversarial: tensor.New[float32](0)}
	for batch, err := range loader.Batches(ctx, 0, 0) {
		if err != nil {
			return nil, asInput(ctx, err)
		}
		part := float64(len(batch.Labels)) / float64(source.Len())
		say := func(what string) {
			doing.Store(fmt.Sprintf("%s %s: %d of %d examples done", what, source.Info().Name, batch.Indices[0], source.Len()))
		}
		if err := s.batch(ctx, r, audit, batch, part, say); err != nil {
			return nil, asInput(ctx, err)
		}
	}
	r.images, r.summary = audit.Images, audit.Summary()
	return r, nil
}

// batch attacks, proves and searches for some examples, and adds what it finds.
func (s *attackSetup) batch(ctx context.Context, r *attackResult, audit *attack.Report[float32], batch *dataset.Batch, part float64, say func(string)) error {
	a := s.attack
	a.Seed += uint64(batch.Indices[0]) // other random points for other examples
	attacker, err := attack.New(s.net, a)
	if err != nil {
		return err
	}
	say("attacking")
	points, err := attacker.Curve(ctx, batch.X, batch.Labels, s.radii)
	if err != nil {
		return err
	}
	report, err := attacker.Run(ctx, batch.X, batch.Labels)
	if err != nil {
		return err
	}
	last := &points[len(points)-1]
	last.Robust = min(last.Robust, report.Robust()) // of two attacks, the better
	for i, p := range points {
		r.curve[i].Robust += part * p.Robust
		r.curve[i].Noise += part * p.Noise
	}
	for i, image := range report.Images {
		if len(r.shown) < maxShown && image.Clean == image.Label {
			r.shown = append(r.shown, shownAttack{image, slices.Clone(batch.X.Row(i)), slices.Clone(report.Adversarial.Row(i))})
		}
	}
	audit.Images = append(audit.Images, report.Images...)
	audit.Adversarial.Data = append(audit.Adversarial.Data, report.Adversarial.Data...)
	if s.certifier != nil {
		say("certifying")
		certified, err := s.certifier.Curve(ctx, batch.X, batch.Labels, a.Ball.P, s.radii, a.Box, s.method)
		if err != nil {
			return err
		}
		for i, share := range certified {
			*r.curve[i].Certified += part * share
		}
	}
	if s.flips {
		say("searching the smallest radii of")
		flips, _, err := attacker.SmallestRadius(ctx, batch.X, batch.Labels, flipTolerance)
		if err != nil {
			return err
		}
		r.flips = append(r.flips, flips...)
	}
	return nil
}

// asInput marks an error as one of the data or the model, unless it is an
// interruption.
func asInput(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return badInput(err)
}

// half is the smallest radius within which half of the examples flip, +Inf
// if the search found no such.
func (r *attackResult) half() float64 {
	if len(r.flips) == 0 {
		return math.Inf(1)
	}
	radii := make([]float64, len(r.flips))
	for i, f := range r.flips {
		radii[i] = f.Radius
	}
	slices.Sort(radii)
	return radii[(len(radii)-1)/2]
}

// verdict is the result in words.
func (r *attackResult) verdict() string {
	last := r.curve[len(r.curve)-1]
	s := r.summary
	switch {
	case s.Clean == 0:
		return "the model is right about none of these examples: there is nothing to attack"
	case s.Blind > s.Images/10:
		return fmt.Sprintf("the gradient is 0 at %d of %d examples: that this attack fails there shows nothing; try --objective margin and --restarts", s.Blind, s.Images)
	}
	for _, p := range r.curve {
		if p.Robust <= s.Clean/2 {
			word := "fooled"
			if p.Noise >= 0.9*s.Clean {
				word = "fooled by direction, not by size"
			}
			return fmt.Sprintf("%s: at %s the attack leaves %s of the %s that are right, noise of the same size %s",
				word, r.ball(p.Radius), percent(p.Robust), percent(s.Clean), percent(p.Noise))
		}
	}
	proof := "nothing is proved"
	if last.Certified != nil {
		proof = fmt.Sprintf("%s are proved to stay right", percent(*last.Certified))
	}
	return fmt.Sprintf("this attack fools less than half: up to %s it leaves %s of the %s that are right; %s",
		r.ball(last.Radius), percent(last.Robust), percent(s.Clean), proof)
}

// ball names the perturbations of a radius.
func (r *attackResult) ball(radius float64) string {
	return attack.Lp(r.setup.attack.Ball.P, radius).String()
}
