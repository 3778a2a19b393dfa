package autodiff

import (
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

	// Elements is how many elements of each input are checked one by one. Of
	// a larger input these are a random sample; the rest is checked along
	// random directions, and where one of those is wrong the element at fault
	// is searched for.
	Elements int

	// Seed is the seed of the cotangent, the sample and the directions.
	Seed uint64
}

// NewChecker returns the checker that [Check] uses: tolerance 1e-7 in float64
// and 2e-3 in float32, 64 elements.
func NewChecker[F tensor.Float]() Checker[F] {
	c := Checker[F]{Tolerance: 1e-7, Elements: 64, Seed: 1}
	if epsilon[F]() > 1e-10 {
		c.Tolerance = 2e-3
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
// are told apart; besides, the remainder of the first Taylor polynomial must
// fall like the square of the step. At a kink any subgradient between the
// one-sided slopes is right. f is also run several times on one tape: a
// gradient must not remember an earlier step, nor be stored over another
// contribution, nor depend on memory that nobody has set.
func Check[F tensor.Float](f func(t *Tape[F], x []*Var[F]) *Var[F], inputs ...*tensor.Tensor[F]) *Verdict {
	return NewChecker[F]().Check(f, inputs...)
}

// Check is [Check] with the checker's settings.
func (c Checker[F]) Check(f func(t *Tape[F], x []*Var[F]) *Var[F], inputs ...*tensor.Tensor[F]) *Verdict {
	rng := rand.New(rand.NewPCG(c.Seed, 0))
	v := &Verdict{Order: math.Inf(1)}
	p := newProbe(f, inputs)
	defer p.restore()
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
	v.Evaluations = p.calls
	v.OK = v.Faults == 0 && (v.Resolved+v.KinkCount > 0 || v.Unresolved == 0)
	return v
}

// check is one run of a Checker.
type check[F tensor.Float] struct {
	Checker[F]
	*probe[F]
	rng     *rand.Rand
	verdict *Verdict
	grads   [][]float64 // the gradient to be judged
	sizes   []float64   // its root mean square, input by input
}

// firstStep is the largest step, relative to an element's scale.
const firstStep = 0.125

// elsewhere checks the gradient once more, along a random direction at another
// point: right here and wrong there, it remembers here.
func (k *check[F]) elsewhere() {
	k.move(k.rng, 0x1p-4)
	there := newProbe(k.f, k.inputs)
	there.cotangent = k.cotangent
	there.value = slices.Clone(there.forward().Value.Data)
	if slices.ContainsFunc(there.value, func(v F) bool { return notFinite(float64(v)) }) {
		return
	}
	there.noise = k.noise
	other := check[F]{Checker: k.Checker, probe: there, rng: k.rng, verdict: &Verdict{}, sizes: k.sizes}
	other.grads = there.gradient(k.cotangent, nil)
	for i := range k.inputs {
		if other.wrongAlong(i, 0, len(k.origin[i])) {
			other.search(i)
		}
		if other.verdict.Faults > 0 {
			f := other.verdict.Findings[0]
			f.Kind = StaleGradient
			k.verdict.add(f)
			k.verdict.Diagnosis = append(k.verdict.Diagnosis, Diagnosis{Input: i, Cause: Remembers})
			break
		}
	}
	k.calls += there.calls
}

// floor is the smallest derivative that differences of φ can resolve to the
// tolerance, over a length scale.
func (k *check[F]) floor(scale float64) float64 { return 64 * k.noise / (k.Tolerance * scale) }

// taylor measures the order of the remainder along random directions through
// all inputs.
func (k *check[F]) taylor() {
	for range 2 {
		d := make(direction, len(k.inputs))
		for i := range d {
			d[i] = k.random(k.rng, i, 0, len(k.origin[i]))[i]
		}
		g, _ := k.slope(d)
		line := k.along(d)
		r := line.read(firstStep, target{slope: g}, true)
		if _, _, here := r.kink(); !here {
			k.verdict.Order = min(k.verdict.Order, r.order())
		}
	}
}

// slope returns the analytic slope along d and its typical size.
func (k *check[F]) slope(d direction) (g, size float64) {
	for i, v := range d {
		for j := range v {
			g += k.grads[i][j] * v[j]
			size = math.Hypot(size, k.grads[i][j]*v[j])
		}
	}
	return g, size
}

// input checks the gradient in one input.
func (k *check[F]) input(i int) {
	n := len(k.origin[i])
	still := Unexercised{Input: i}
	all := k.rng.Perm(n)
	if n <= k.Elements {
		slices.Sort(all)
	}
	for _, j := range all[:min(n, k.Elements)] {
		still.Tried++
		if moved := k.judge(i, j); !moved {
			if still.Count++; len(still.First) < shown {
				still.First = append(still.First, j)
			}
		}
	}
	slices.Sort(still.First)
	if still.Count > 0 {
		k.verdict.Unexercised = append(k.verdict.Unexercised, still)
	}
	if n > k.Elements {
		for range 3 {
			if k.wrongAlong(i, 0, n) {
				k.search(i)
				break
			}
		}
	}
}

// judge checks one derivative and enters it in the verdict. It reports whether
// the element made any difference.
func (k *check[F]) judge(i, j int) (moved bool) {
	g, scale := k.grads[i][j], k.scales[i][j]
	want := target{g, k.Tolerance, max(math.Abs(g), k.sizes[i]), k.floor(scale)}
	line := k.element(i, j)
	r := line.read(firstStep*scale, want, false)
	f, ok := r.finding(g)
	f.Input, f.Index = i, j
	switch v := k.verdict; {
	case !ok:
		v.Unresolved++
	case f.Kind != Right:
		v.add(f)
	default:
		v.Resolved++
		if e := math.Abs(g-f.Numeric) / max(r.tolerance/k.Tolerance, math.Abs(f.Numeric)); e > v.Worst {
			v.Worst, v.WorstAt = e, f
		}
	}
	return r.moved || g != 0
}

// judgeAlong judges the slope along a random direction through the elements [lo, hi)
// of input i. ok is false where it could not be resolved.
func (k *check[F]) judgeAlong(i, lo, hi int) (right, ok bool) {
	d := k.random(k.rng, i, lo, hi)
	g, size := k.slope(d)
	line := k.along(d)
	r := line.read(firstStep, target{g, k.Tolerance, size, k.floor(1)}, false)
	f, ok := r.finding(g)
	return ok && (f.Kind == Right || f.Kind == Kink), ok
}

// wrongAlong reports whether the slope along a random direction is wrong.
func (k *check[F]) wrongAlong(i, lo, hi int) bool {
	right, ok := k.judgeAlong(i, lo, hi)
	if right {
		k.verdict.Resolved++
	}
	return ok && !right
}

// search looks for an element of input i whose derivative is wrong, by halves,
// and judges it. Where kinks or rounding hide it, nothing is found.
func (k *check[F]) search(i int) {
	lo, hi := 0, len(k.origin[i])
	for tries := 0; hi-lo > 1 && tries < 4; {
		switch mid := (lo + hi) / 2; {
		case k.wrongAlong(i, lo, mid):
			hi, tries = mid, 0
		case k.wrongAlong(i, mid, hi):
			lo, tries = mid, 0
		default:
			tries++
		}
	}
	if hi-lo == 1 {
		k.judge(i, lo)
	} else {
		k.verdict.Unresolved++
	}
}

// randomCotangent draws n numbers of either sign, none near 0.
func randomCotangent[F tensor.Float](rng *rand.Rand, n int) []F {
	c := make([]F, n)
	for i := range c {
		c[i] = F((0.5 + rng.Float64()) * float64(1-2*rng.IntN(2)))
	}
	return c
}
