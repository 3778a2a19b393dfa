package autodiff

import (
	"math"
	"math/rand/v2"
)

// checkTape runs f several times on one tape and looks for what a single run
// cannot show: values that change from run to run, gradients that remember an
// earlier step, that are stored over other contributions, or that depend on
// memory nobody has set. The true gradient plays no part in it. It returns the
// gradient of the first run.
func (p *probe[F]) checkTape(rng *rand.Rand, v *Verdict) [][]float64 {
	first := p.gradient(p.cotangent, nil)

	// Another step, elsewhere and with another cotangent, between two equal
	// ones: what it leaves behind must not be seen.
	p.move(rng, 0x1p-6)
	other := p.gradient(randomCotangent[F](rng, len(p.cotangent)), nil)
	p.restore()
	again := p.gradient(p.cotangent, nil)
	for i := range first {
		if j := firstDifference(first[i], again[i]); j >= 0 {
			v.add(Finding{Kind: StaleGradient, Input: i, Index: j, Analytic: again[i][j], Numeric: first[i][j]})
			third := p.gradient(p.cotangent, nil)
			v.Diagnosis = append(v.Diagnosis, diagnoseStale(i, first[i], other[i], again[i], third[i]))
		}
	}
	if v.Faults > 0 {
		return first
	}

	p.tape.arena.poison = true
	poisoned := p.gradient(p.cotangent, nil)
	p.tape.arena.poison = false
	for i := range first {
		if j := firstDifference(first[i], poisoned[i]); j >= 0 {
			v.add(Finding{Kind: UnsetMemory, Input: i, Index: j, Analytic: poisoned[i][j], Numeric: first[i][j]})
			v.Diagnosis = append(v.Diagnosis, Diagnosis{Input: i, Cause: ReadsUnset})
		}
	}

	seed := make([][]F, len(p.inputs))
	for i, g := range first {
		seed[i] = make([]F, len(g))
		size := rms(g)
		for j := range g {
			seed[i][j] = F((1 + rng.Float64()) * max(size, 1))
		}
	}
	seeded := p.gradient(p.cotangent, seed)
	for i, g := range first {
		for j := range g {
			want := g[j] + float64(p.seedOf(seed, i)[j])
			if math.Abs(seeded[i][j]-want) > 64*epsilon[F]()*(math.Abs(want)+math.Abs(g[j])+rms(g)) {
				v.add(Finding{Kind: StoredGradient, Input: i, Index: j, Analytic: seeded[i][j], Numeric: want})
				v.Diagnosis = append(v.Diagnosis, Diagnosis{Input: i, Cause: Stores})
				break
			}
		}
	}
	return first
}

// move puts every element of the inputs at random within a distance of the
// point, relative to its scale.
func (p *probe[F]) move(rng *rand.Rand, distance float64) {
	for i, x := range p.inputs {
		for j, from := range p.origin[i] {
			x.Data[j] = F(float64(from) + distance*p.scales[i][j]*(2*rng.Float64()-1))
		}
	}
}

// seedOf returns the seed that input i's gradient began with: the one of the
// first input that is the same tensor.
func (p *probe[F]) seedOf(seed [][]F, i int) []F {
	for k := range i {
		if p.inputs[k] == p.inputs[i] {
			return seed[k]
		}
	}
	return seed[i]
}

// firstDifference returns the first index at which a and b differ, or −1. Two
// NaN are equal.
func firstDifference(a, b []float64) int {
	for j := range a {
		if a[j] != b[j] && !(math.IsNaN(a[j]) && math.IsNaN(b[j])) {
			return j
		}
	}
	return -1
}
