package autodiff

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/tensor"
)

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
// point and for another cotangent: right here and wrong there, it remembers
// here.
func (k *check[F]) elsewhere() {
	k.move(k.rng, 0x1p-4)
	there := newProbe(k.f, k.inputs)
	there.cotangent = randomCotangent[F](k.rng, len(k.cotangent))
	for i, c := range k.cotangent {
		if c == 0 { // of an infinite output
			there.cotangent[i] = 0
		}
	}
	there.value = slices.Clone(there.forward().Value.Data)
	if slices.ContainsFunc(there.value, func(v F) bool { return notFinite(float64(v)) }) {
		return
	}
	there.measureNoise()
	other := check[F]{Checker: k.Checker, probe: there, rng: k.rng, verdict: &Verdict{}, sizes: slices.Clone(k.sizes)}
	other.grads = there.gradient(there.cotangent, nil)
	for i := range k.inputs {
		other.sizes[i] = max(k.sizes[i], rms(other.grads[i]))
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

// target is what a derivative of a given size, over a length scale, is held
// against: slope, to an error that differences of φ can resolve.
func (k *check[F]) target(slope, size, scale float64) target {
	return target{slope, k.Tolerance, max(k.Tolerance, k.Coarse), size, 64 * k.noise / scale}
}

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
	n, before := len(k.origin[i]), k.verdict.Faults
	sample := k.rng.Perm(n)[:min(n, k.Elements)]
	slices.Sort(sample)
	var still []int
	for _, j := range sample {
		if moved := k.judge(i, j); !moved {
			still = append(still, j)
		}
	}
	tried := len(sample)
	if n > tried && k.verdict.Faults == before {
		for range 3 {
			if k.wrongAlong(i, 0, n) {
				k.search(i)
				break
			}
		}
		if all := k.still(i); all != nil {
			still, tried = all, n
		}
	}
	if len(still) > 0 {
		k.verdict.Unexercised = append(k.verdict.Unexercised, Unexercised{i, len(still), tried, still[:min(len(still), shown)]})
	}
}

// still returns all elements of input i whose gradient is zero, if moving them
// all at once makes no difference.
func (k *check[F]) still(i int) []int {
	d := k.random(k.rng, i, 0, len(k.origin[i]))
	var zero []int
	for j, g := range k.grads[i] {
		if g == 0 {
			zero = append(zero, j)
		} else {
			d[i][j] = 0
		}
	}
	line := k.along(d)
	if r := line.read(firstStep, target{}, false); r.moved {
		return nil
	}
	return zero
}

// judge checks one derivative and enters it in the verdict. It reports whether
// the element made any difference.
func (k *check[F]) judge(i, j int) (moved bool) {
	g, scale := k.grads[i][j], k.scales[i][j]
	want := k.target(g, max(math.Abs(g), k.sizes[i]), scale)
	line := k.element(i, j)
	r := line.read(firstStep*scale, want, false)
	f, ok := r.finding(g)
	if f.Kind == WrongAtKink && k.rightByOutputs(i, j) {
		f.Kind = Kink
	}
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

// judgeAlong judges the slope along a random direction through the elements
// [lo, hi) of input i. ok is false where it could not be resolved.
func (k *check[F]) judgeAlong(i, lo, hi int) (right, ok bool) {
	d := k.random(k.rng, i, lo, hi)
	g, size := k.slope(d)
	line := k.along(d)
	r := line.read(firstStep, k.target(g, size, 1), false)
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
