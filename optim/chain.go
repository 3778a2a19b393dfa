package optim

import (
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/tensor"
)

// Chain returns the estimator that feeds gradients to the first of parts, and
// the direction of each part to the next: Chain(ClipNorm[F]{Max: 1},
// EMA[F]{Q: 0.1}) averages clipped gradients. Clipping comes first. An empty
// chain is [Raw].
func Chain[F tensor.Float](parts ...Estimator[F]) Estimator[F] {
	switch len(parts) {
	case 0:
		return Raw[F]{}
	case 1:
		return parts[0]
	}
	c := chain[F]{First: parts[0], Then: Chain(parts[1:]...)}
	if c.First != nil {
		c.held = len(c.First.Slots())
	}
	return c
}

// chain is a pair, so that chains compare and print as the other rules do.
type chain[F tensor.Float] struct {
	First, Then Estimator[F]
	held        int // the number of First's slots
}

func (c chain[F]) Validate() error {
	parts := c.flatten(nil)
	for i, part := range parts {
		if part == nil {
			return fmt.Errorf("Chain: part %d is nil: want an Estimator", i)
		}
		if err := part.Validate(); err != nil {
			return err
		}
		clip, ok := part.(Clipper)
		if !ok || i == 0 {
			continue
		}
		if _, ok := parts[i-1].(Clipper); !ok || clip.WantsNorm() {
			return fmt.Errorf("Chain: %T comes after %T: want clipping first, by norm before by value", part, parts[i-1])
		}
	}
	return nil
}

// flatten appends the parts of c, and of chains within it, to parts.
func (c chain[F]) flatten(parts []Estimator[F]) []Estimator[F] {
	for _, e := range [...]Estimator[F]{c.First, c.Then} {
		if inner, ok := e.(chain[F]); ok {
			parts = inner.flatten(parts)
		} else {
			parts = append(parts, e)
		}
	}
	return parts
}

// Slots are those of both, numbered from the second where a name comes again.
func (c chain[F]) Slots() []string {
	names := slices.Clone(c.First.Slots())
	for _, name := range c.Then.Slots() {
		unique := name
		for n := 2; slices.Contains(names, unique); n++ {
			unique = fmt.Sprintf("%s_%d", name, n)
		}
		names = append(names, unique)
	}
	return names
}

func (c chain[F]) SuppliesMetric() bool { return suppliesMetric(c.First) || suppliesMetric(c.Then) }

func (c chain[F]) Gain() float64 { return gain(c.First) * gain(c.Then) }

func (c chain[F]) Direct(in Block[F], slots [][]F, now Now) Block[F] {
	return c.Then.Direct(c.First.Direct(in, slots[:c.held], now), slots[c.held:], now)
}
