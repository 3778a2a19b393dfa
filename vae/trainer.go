package vae

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/seeds"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
)

// Trainer is a training run that can be left after any step and taken up again,
// in another process too: what a step draws is a function of the seed and its
// number. [Fit] runs one from beginning to end.
type Trainer struct {
	config    Config
	model     *Model[float32]
	source    Source
	optimizer *optim.Optimizer[float32]
	reader    *reader
	pass      nn.Pass[float32]
	pcg       *rand.PCG // behind pass.Rand

	size     int   // of a batch
	perEpoch int   // batches
	order    []int // of the epoch in progress
	ordered  int   // that epoch, from 0; −1 for none yet

	epochs  []Epoch // completed
	running Terms   // of the epoch in progress, a sum over its batches
}

// State is where a [Trainer] stands between two steps: all that is needed to go
// on.
type State struct {
	Steps   int     `json:"steps"`   // taken
	Epochs  []Epoch `json:"epochs"`  // completed
	Running Terms   `json:"running"` // of the epoch in progress, a sum over its batches

	// Arrays are the parameters, as "model/" and their path, and what the
	// optimiser remembers, as "optimizer/" and its name. A trainer's are its
	// own memory, which its next step changes.
	Arrays map[string][]float32 `json:"-"`
}

// The prefixes of State.Arrays.
const (
	modelPrefix     = "model/"
	optimizerPrefix = "optimizer/"
)

// NewTrainer returns a trainer at the beginning, or an error that says what is
// wrong with the model, the data or the configuration.
func NewTrainer(m *Model[float32], source Source, c Config) (*Trainer, error) {
	if err := c.validate(m, source); err != nil {
		return nil, err
	}
	optimizer, err := optim.New(nn.Params[float32](m), c.Step)
	if err != nil {
		return nil, err
	}
	size, pcg := min(c.BatchSize, source.Len()), &rand.PCG{}
	return &Trainer{
		config: c, model: m, source: source, optimizer: optimizer, pcg: pcg, ordered: -1,
		reader: newReader(source, m.Input, size), size: size, perEpoch: source.Len() / size,
		pass: nn.Pass[float32]{Tape: autodiff.NewTape[float32](), Train: true, Rand: rand.New(pcg)},
	}, nil
}

// Steps is how many steps were taken.
func (t *Trainer) Steps() int { return t.optimizer.Steps() }

// Total is how many steps there are.
func (t *Trainer) Total() int { return t.config.Epochs * t.perEpoch }

// Step learns from the next batch and returns the terms of its objective. A
// step whose numbers are not finite is not taken: it is an error that names it.
func (t *Trainer) Step() (Terms, error) {
	step := t.Steps()
	epoch, batch := step/t.perEpoch, step%t.perEpoch
	if t.ordered != epoch {
		t.order, t.ordered = order(t.source.Len(), t.config.Seed, epoch), epoch
	}
	x, err := t.reader.read(t.order[batch*t.size : (batch+1)*t.size])
	if err != nil {
		return Terms{}, err
	}
	o := t.config.Objective
	if t.config.WarmUp > 0 {
		o.Beta *= min(1, float64(step+1)/float64(t.config.WarmUp*t.perEpoch))
	}
	seeds.Set(t.pcg, t.config.Seed, uint64(step), noiseStream)
	tape := t.pass.Tape
	tape.Reset()
	d, r := t.model.Loss(&t.pass, x, o)
	loss := autodiff.Add(d, r)
	if v := float64(loss.Value.Data[0]); math.IsNaN(v) || math.IsInf(v, 0) {
		return Terms{}, fmt.Errorf("vae: step %d: distortion %v and rate %v are not finite: want a smaller step size, or a lower bound on the variance", step+1, d.Value.Data[0], r.Value.Data[0])
	}
	tape.Backward(loss)
	if err := t.optimizer.Step(); err != nil {
		return Terms{}, err
	}
	terms := Terms{float64(d.Value.Data[0]), float64(r.Value.Data[0])}
	t.running.Distortion += terms.Distortion / float64(t.perEpoch)
	t.running.Rate += terms.Rate / float64(t.perEpoch)
	if batch == t.perEpoch-1 {
		e := Epoch{epoch + 1, t.running}
		t.epochs, t.running = append(t.epochs, e), Terms{}
		if t.config.OnEpoch != nil {
			t.config.OnEpoch(e)
		}
	}
	return terms, nil
}

// Finish freezes the variance of the model and returns what training came to.
func (t *Trainer) Finish(ctx context.Context) (*Result, error) {
	variance, err := freeze(ctx, t.model, t.source, t.config)
	r := t.result()
	r.Variance = variance
	return r, err
}

func (t *Trainer) result() *Result { return &Result{Epochs: t.epochs} }

// State returns where training stands.
func (t *Trainer) State() State {
	s := State{Steps: t.Steps(), Epochs: slices.Clone(t.epochs), Running: t.running, Arrays: map[string][]float32{}}
	for path, p := range nn.Params[float32](t.model) {
		s.Arrays[modelPrefix+path] = p.Value.Data
	}
	for name, slot := range t.optimizer.State() {
		s.Arrays[optimizerPrefix+name] = slot
	}
	return s
}

// Restore takes up training where a trainer of the same model, data and
// configuration was left. A state of another one is an error, which leaves this
// trainer unfit for use.
func (t *Trainer) Restore(s State) error {
	if s.Steps < 0 || s.Steps > t.Total() || len(s.Epochs) != s.Steps/t.perEpoch {
		return fmt.Errorf("vae: a state after %d steps and %d epochs: want at most %d steps of %d an epoch", s.Steps, len(s.Epochs), t.Total(), t.perEpoch)
	}
	arrays := maps.Clone(s.Arrays)
	for path, p := range nn.Params[float32](t.model) {
		saved, ok := arrays[modelPrefix+path]
		if !ok || len(saved) != len(p.Value.Data) {
			return fmt.Errorf("vae: a state with %d numbers of %s: want %d", len(saved), path, len(p.Value.Data))
		}
		copy(p.Value.Data, saved)
		delete(arrays, modelPrefix+path)
	}
	slots := map[string][]float32{}
	for name, x := range arrays {
		slot, ok := strings.CutPrefix(name, optimizerPrefix)
		if !ok {
			return fmt.Errorf("vae: a state with %q, which the model has no place for", name)
		}
		slots[slot] = x
	}
	if err := t.optimizer.Restore(s.Steps, slots); err != nil {
		return err
	}
	t.epochs, t.running = slices.Clone(s.Epochs), s.Running
	return nil
}
