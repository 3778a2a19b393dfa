package moments

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// named is a scheme as it is chosen by a name.
type named[F tensor.Float] struct {
	name string

	// One of these: a scheme whose weights may be scaled, one that asks for
	// inputs, and one that takes their moments. None leaves the model as its
	// constructors drew it.
	scaled func(factor float64) Scheme[F]
	batch  func(batch *tensor.Tensor[F]) Scheme[F]
	input  func(in Moments) Scheme[F]
}

// namedSchemes is the one list of names.
func namedSchemes[F tensor.Float]() []named[F] {
	fan := func(mode string, gain float64) func(float64) Scheme[F] {
		return func(factor float64) Scheme[F] { return Fan[F](mode, gain*factor, false) }
	}
	return []named[F]{
		{name: "default"},
		{name: "xavier", scaled: fan(FanAvg, 1)},
		{name: "he", scaled: fan(FanIn, math.Sqrt2)},
		{name: "lecun", scaled: fan(FanIn, 1)},
		{name: "orthogonal", scaled: Orthogonal[F]},
		{name: "delta-orthogonal", scaled: DeltaOrthogonal[F]},
		{name: "lsuv", batch: LSUV[F]},
		{name: "preserve", input: Preserve[F]},
		{name: "preserve-fixed", input: PreserveFixed[F]},
	}
}

// SchemeNames lists the names that [SchemeNamed] knows.
func SchemeNames() []string {
	var names []string
	for _, s := range namedSchemes[float32]() {
		names = append(names, s.name)
	}
	return names
}

// SchemeNamed returns the scheme of a name on a command line, one of
// [SchemeNames]: default leaves the model as its constructors drew it. Those
// that are made for weights alone, xavier to delta-orthogonal, may have a
// factor for the deviation of their weights behind a colon: lecun:1.6667 is the
// customary gain 5/3 for tanh, orthogonal:1.4142 the one for ReLU. The others
// call for a batch of inputs [batch, …], as the model is to see them, once they
// draw. A name or factor that is none is an error.
func SchemeNamed[F tensor.Float](text string, batch func() (*tensor.Tensor[F], error)) (Scheme[F], error) {
	name, after, hasFactor := strings.Cut(text, ":")
	for _, s := range namedSchemes[F]() {
		switch {
		case s.name != name:
			continue
		case s.scaled == nil && hasFactor:
			return nil, invalid("scheme %q: %s takes no factor", text, name)
		case s.scaled == nil:
			return s.scheme(batch), nil
		}
		factor := 1.0
		if hasFactor {
			var err error
			if factor, err = strconv.ParseFloat(after, 64); err != nil || !(factor > 0 && factor <= math.MaxFloat32) {
				return nil, invalid("scheme %q: factor %q: want a number above 0, as in lecun:1.6667", text, after)
			}
		}
		return s.scaled(factor), nil
	}
	return nil, invalid("scheme %q: want one of %s", text, strings.Join(SchemeNames(), ", "))
}

// scheme is one without a factor.
func (s named[F]) scheme(batch func() (*tensor.Tensor[F], error)) Scheme[F] {
	return func(model nn.Layer[F], rng *rand.Rand) error {
		if s.batch == nil && s.input == nil {
			return nil
		}
		x, err := batch()
		if err != nil {
			return err
		}
		if s.batch != nil {
			return s.batch(x)(model, rng)
		}
		in, err := Of(x)
		if err != nil {
			return err
		}
		return s.input(in)(model, rng)
	}
}
