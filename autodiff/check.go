package autodiff

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/tensor"
)

// Checker holds f's gradient against differences of f. Make one with
// [NewChecker] and change what should differ.
type Checker[F tensor.Float] struct {
	// Tolerance is the relative error that is allowed. Errors are relative to
	// the larger of the derivative and the root mean square of its input's
	// gradient, and never finer than what the measured rounding error of f
	// lets differences see.
	Tolerance float64

	// Coarse is the relative error of differences up to which they still count
	// as having compared a derivative, if it is larger than Tolerance. Errors
	// of the gradient between the two are faults where the differences are
	// accurate enough to show them.
	Coarse float64

	// Elements is how many elements of each input are checked one by one. Of
	// a larger input these are a random sample; the rest is checked along
	// random directions, and where one of those is wrong the element at fault
	// is searched for.
	Elements int

	// Seed is the seed of the cotangent, the sample and the directions.
	Seed uint64
}

// NewChecker returns the checker that [Check] uses: tolerance 1e-7 in float64
// and 2e-4 in float32, there 2e-3 where the differences are coarse, 64 elements.
func NewChecker[F tensor.Float]() Checker[F] {
	c := Checker[F]{Tolerance: 1e-7, Elements: 64, Seed: 1}
	if epsilon[F]() > 1e-10 {
		c.Tolerance, c.Coarse = 2e-4, 2e-3
	}
	return c
}

// Check compares the gradient that the tape gives with what f itself does at
// and near the inputs, and says what is wrong if they disagree.
//
// f computes its result, of any shape, from the inputs on the tape; it must
// give the same value for the same inputs, so a source of random numbers is
// seeded anew in each call. Check differentiates ⟨c, f⟩ for a random c in all
// inputs. It moves the inputs in place and puts them back, and puts them on
// the tape as leaves: the parameters of a layer can be inputs, and are checked
// like the others.
//
// Derivatives are differences at a ladder of steps, extrapolated to step 0
// with an estimate of their own error, so that a wrong gradient and rounding
// are told apart; besides, Order tells how fast the remainder of the first
// Taylor polynomial falls. At a kink any subgradient between the one-sided
// slopes is right. f is also run several times on one tape: a
// gradient must not remember an earlier step, nor be stored over another
// contribution, nor depend on memory that nobody has set.
func Check[F tensor.Float](f func(t *Tape[F], x []*Var[F]) *Var[F], inputs ...*tensor.Tensor[F]) *Verdict {
	return NewChecker[F]().Check(f, inputs...)
}

// Check is [Check] with the checker's settings. It panics if the tolerance or
// the number of elements is not positive.
func (c Checker[F]) Check(f func(t *Tape[F], x []*Var[F]) *Var[F], inputs ...*tensor.Tensor[F]) *Verdict {
	if !(c.Tolerance > 0) || c.Elements < 1 {
		panic(fmt.Sprintf("autodiff.Checker: tolerance %v and %d elements: want both positive", c.Tolerance, c.Elements))
	}
	rng := rand.New(rand.NewPCG(c.Seed, 0))
	v := &Verdict{Order: math.Inf(1)}
	p := newProbe(f, inputs)
	defer func() {
		p.restore()
		v.Evaluations = p.calls
	}()
	y := p.forward()
	v.Ops = slices.Collect(p.tape.Ops())
	p.value = slices.Clone(y.Value.Data)
	p.cotangent = randomCotangent[F](rng, len(p.value))
	for i, value := range p.value {
		if math.IsNaN(float64(value)) {
			v.add(Finding{Kind: NotFinite, Input: -1, Index: i, Analytic: float64(value)})
			return v
		}
		if math.IsInf(float64(value), 0) {
			p.cotangent[i] = 0 // it has no slope that differences could see
		}
	}
	if change := p.change(); change != 0 {
		v.add(Finding{Kind: NotRepeatable, Input: -1, Analytic: change})
		return v
	}
	grads := p.checkTape(rng, v)
	p.measureNoise()
	v.Noise = p.noise

	k := check[F]{Checker: c, probe: p, rng: rng, verdict: v, grads: grads, sizes: make([]float64, len(inputs))}
	finite := true
	for i, g := range grads {
		k.sizes[i] = rms(g)
		if j := slices.IndexFunc(g, notFinite); j >= 0 {
			v.add(Finding{Kind: NotFinite, Input: i, Index: j, Analytic: g[j]})
			finite = false
		}
	}
	if finite {
		k.taylor()
		for i := range inputs {
			k.input(i)
		}
		k.diagnose()
		if v.Faults == 0 {
			k.elsewhere()
		}
	}
	v.OK = v.Faults == 0 && (v.Resolved+v.KinkCount > 0 || v.Unresolved == 0)
	return v
}
