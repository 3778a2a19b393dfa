package autodiff

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/tensor"
)

// probe evaluates φ = ⟨cotangent, f⟩ and its gradient at and near a point. It
// moves the inputs in place, so that parameters of layers move with them, and
// puts them back.
type probe[F tensor.Float] struct {
	f      func(t *Tape[F], x []*Var[F]) *Var[F]
	inputs []*tensor.Tensor[F]
	origin [][]F               // the inputs' values at the point
	scales [][]float64         // over what length φ may be expected to vary
	grads  []*tensor.Tensor[F] // where the tape puts their gradients

	tape      *Tape[F]
	vars      []*Var[F]
	cotangent []F
	value     []F // of f, at the point
	noise     float64
	calls     int
}

func newProbe[F tensor.Float](f func(*Tape[F], []*Var[F]) *Var[F], inputs []*tensor.Tensor[F]) *probe[F] {
	p := &probe[F]{f: f, inputs: inputs, tape: NewTape[F](), vars: make([]*Var[F], len(inputs))}
	for _, x := range inputs {
		p.origin = append(p.origin, slices.Clone(x.Data))
		p.scales = append(p.scales, scales(x.Data))
		p.grads = append(p.grads, tensor.New[F](x.Shape...))
	}
	return p
}

// restore puts every input back to the point.
func (p *probe[F]) restore() {
	for i, x := range p.inputs {
		copy(x.Data, p.origin[i])
	}
}

// forward computes f at the inputs' present values.
func (p *probe[F]) forward() *Var[F] {
	p.calls++
	p.tape.Reset()
	for i, x := range p.inputs {
		p.vars[i] = p.tape.Leaf(x, p.grads[i])
	}
	return p.f(p.tape, p.vars)
}

// gradient computes f and plays the tape backwards from a cotangent. It
// returns copies of the inputs' gradients. Contributions of others that seed
// gives, if not nil, are there before the tape is played.
func (p *probe[F]) gradient(cotangent []F, seed [][]F) [][]float64 {
	y := p.forward()
	for i := range seed {
		if g, first := p.vars[i].Contribute(); first {
			copy(g, seed[i])
		}
	}
	p.tape.BackwardFrom(y, cotangent)
	gradients := make([][]float64, len(p.vars))
	for i, v := range p.vars {
		gradients[i] = make([]float64, len(v.Value.Data))
		for j, g := range v.Grad.Data {
			gradients[i][j] = float64(g)
		}
	}
	return gradients
}

// change returns φ at the inputs' present values, less φ at the point: output
// by output, so that those that do not change add no rounding error.
func (p *probe[F]) change() float64 {
	var sum float64
	for i, v := range p.forward().Value.Data {
		if v != p.value[i] {
			sum += float64(p.cotangent[i]) * (float64(v) - float64(p.value[i]))
		}
	}
	return sum
}

// direction is a set of elements of the inputs and how far each moves for a
// unit step; nil stands for an input that stays.
type direction [][]float64

// along returns φ along a direction as a line. The steps of a direction are
// powers of two times the elements' scale, so that they lose little when they
// are added to the inputs.
func (p *probe[F]) along(d direction) line {
	return newLine(func(h float64) (float64, float64) {
		for i, v := range d {
			for j := range v {
				if v[j] != 0 {
					p.inputs[i].Data[j] = F(float64(p.origin[i][j]) + h*v[j])
				}
			}
		}
		change := p.change()
		for i, v := range d {
			if v != nil {
				copy(p.inputs[i].Data, p.origin[i])
			}
		}
		return change, h
	}, p.noise, epsilon[F]())
}

// element returns φ along one element of one input as a line.
func (p *probe[F]) element(i, j int) line {
	return newLine(func(h float64) (float64, float64) {
		x, from := p.inputs[i].Data, p.origin[i][j]
		x[j] = F(float64(from) + h)
		realised := float64(x[j]) - float64(from)
		change := p.change()
		x[j] = from
		return change, realised
	}, p.noise, epsilon[F]())
}

// scales returns the size, as a power of two, that each element has, or all of
// them together where that is larger.
func scales[F tensor.Float](x []F) []float64 {
	all := rms(x)
	s := make([]float64, len(x))
	for j, v := range x {
		size := max(math.Abs(float64(v)), all)
		if size == 0 || notFinite(size) {
			size = 1
		}
		s[j] = math.Exp2(math.Floor(math.Log2(size)))
	}
	return s
}

// random returns a direction that moves the elements [lo, hi) of input i by
// plus or minus their scale.
func (p *probe[F]) random(rng *rand.Rand, i, lo, hi int) direction {
	d := make(direction, len(p.inputs))
	d[i] = make([]float64, len(p.origin[i]))
	for j := lo; j < hi; j++ {
		d[i][j] = p.scales[i][j] * float64(1-2*rng.IntN(2))
	}
	return d
}

// measureNoise estimates the rounding error of φ from its values at points
// that are a few units in the last place apart: a smooth function has no high
// differences there, so what they show is noise. It is seen only where what is
// rounded moves: so the elements move by uneven steps, one against the other, at
// random, and together. It is at least what rounding the outputs costs.
// Source: Hamming 1971; Moré and Wild 2011, "Estimating computational noise".
func (p *probe[F]) measureNoise() {
	const points, tries = 8, 3
	eps := epsilon[F]()
	var sum float64
	for i, v := range p.value {
		if c := float64(p.cotangent[i]) * float64(v); !notFinite(c) {
			sum += c * c
		}
	}
	var found [tries]float64
	for try := range found {
		var table [points]float64
		for k := range table {
			rng := rand.New(rand.NewPCG(0, 0)) // equal steps from point to point
			for i, x := range p.inputs {
				for j, from := range p.origin[i] {
					step := 1 + rng.IntN(6)
					if try == 0 && j%2 == 1 || try == 1 && rng.IntN(2) == 1 {
						step = -step
					}
					x.Data[j] = F(float64(from) + float64(step*(k-points/2))*eps*p.scales[i][j])
				}
			}
			table[k] = p.change()
		}
		p.restore()
		// The kth difference of noise of size σ has size σ·√C(2k, k).
		binomial := 1.0
		for k := 1; k <= 5; k++ {
			binomial *= float64(2*(2*k-1)) / float64(k)
			var squares float64
			for m := range points - k {
				table[m] = table[m+1] - table[m]
				squares += table[m] * table[m]
			}
			if k >= 4 {
				found[try] = max(found[try], math.Sqrt(squares/float64(points-k)/binomial))
			}
		}
		if notFinite(found[try]) {
			found[try] = 0
		}
	}
	slices.Sort(found[:])
	p.noise = max(found[tries/2], eps/4*math.Sqrt(sum))
}

// epsilon is the distance from 1 to the next larger number of type F.
func epsilon[F tensor.Float]() float64 {
	if _, ok := any(F(0)).(float32); ok {
		return 0x1p-23
	}
	return 0x1p-52
}

// rms returns the root of the mean square of the finite elements of x.
func rms[F tensor.Float](x []F) float64 {
	var sum float64
	for _, v := range x {
		if v := float64(v); !notFinite(v) {
			sum += v * v / float64(len(x))
		}
	}
	return math.Sqrt(sum)
}
