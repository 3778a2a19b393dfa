package vae

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Encode returns means and deviations of the codes of x [n, Input…], [n, Latent]
// each.
func (m *Model[F]) Encode(x *tensor.Tensor[F]) (mean, std *tensor.Tensor[F]) {
	pass := &nn.Pass[F]{Tape: autodiff.NewTape[F]()}
	q := m.Encoder.Forward(pass, pass.Tape.Constant(x)).Value
	n, k := q.Shape[0], m.Latent
	mean, std = tensor.New[F](n, k), tensor.New[F](n, k)
	for i := range n {
		copy(mean.Row(i), q.Row(i))
		for j, l := range q.Row(i)[k:] {
			std.Row(i)[j] = F(math.Exp(float64(l) / 2))
		}
	}
	return mean, std
}

// Decode returns the decoder's mean of the data for codes z [n, Latent], as
// [n, Input…]: probabilities where the likelihood is Bernoulli.
func (m *Model[F]) Decode(z *tensor.Tensor[F]) *tensor.Tensor[F] {
	pass := &nn.Pass[F]{Tape: autodiff.NewTape[F]()}
	mean := m.Decoder.Forward(pass, pass.Tape.Constant(z))
	if m.Likelihood == Bernoulli {
		mean = autodiff.Sigmoid(mean)
	}
	// The tape is not used again, so its memory is the caller's.
	return tensor.From(mean.Value.Data, append([]int{z.Shape[0]}, m.Input...)...)
}

// Reconstruct returns the decoder's mean for the mean code of each x.
func (m *Model[F]) Reconstruct(x *tensor.Tensor[F]) *tensor.Tensor[F] {
	mean, _ := m.Encode(x)
	return m.Decode(mean)
}

// Sample draws n codes from the prior and returns the decoder's means of the
// data, [n, Input…]. With noise it draws the data themselves: Gaussian noise of
// the frozen variance is added, or a coin of each probability tossed.
func (m *Model[F]) Sample(n int, rng *rand.Rand, noise bool) *tensor.Tensor[F] {
	z := tensor.New[F](n, m.Latent)
	tensor.Normal(z, rng, 0, 1)
	x := m.Decode(z)
	if !noise {
		return x
	}
	for i, p := range x.Data {
		switch {
		case m.Likelihood == Gaussian:
			v := m.Variance.Value.Data[i%len(m.Variance.Value.Data)]
			x.Data[i] += F(math.Sqrt(float64(v)) * rng.NormFloat64())
		case rng.Float64() < float64(p):
			x.Data[i] = 1
		default:
			x.Data[i] = 0
		}
	}
	return x
}

// Interpolate decodes steps ≥ 2 codes on the straight line from the mean code of
// from to that of to (one example each, of as many numbers as Input), both ends
// included: [steps, Input…].
func (m *Model[F]) Interpolate(from, to []F, steps int) (*tensor.Tensor[F], error) {
	if d := tensor.Size(m.Input); len(from) != d || len(to) != d || steps < 2 {
		return nil, fmt.Errorf("vae: interpolate from %d numbers to %d in %d steps: want %d of each, and at least 2 steps", len(from), len(to), steps, d)
	}
	ends := tensor.From(append(append([]F(nil), from...), to...), append([]int{2}, m.Input...)...)
	mean, _ := m.Encode(ends)
	z := tensor.New[F](steps, m.Latent)
	for s := range steps {
		t := F(s) / F(steps-1)
		for j, v := range mean.Row(0) {
			z.Row(s)[j] = (1-t)*v + t*mean.Row(1)[j]
		}
	}
	return m.Decode(z), nil
}

// Traverse decodes the mean code of x, one example, with one unit moved in
// steps ≥ 2 from lo to hi: [steps, Input…]. Where the rows do not change the
// unit says nothing.
func (m *Model[F]) Traverse(x []F, unit int, lo, hi float64, steps int) (*tensor.Tensor[F], error) {
	switch d := tensor.Size(m.Input); {
	case len(x) != d || steps < 2:
		return nil, fmt.Errorf("vae: traverse from %d numbers in %d steps: want %d numbers and at least 2 steps", len(x), steps, d)
	case unit < 0 || unit >= m.Latent:
		return nil, fmt.Errorf("vae: unit %d of %d: want one from 0", unit, m.Latent)
	}
	mean, _ := m.Encode(tensor.From(x, append([]int{1}, m.Input...)...))
	z := tensor.New[F](steps, m.Latent)
	for s := range steps {
		copy(z.Row(s), mean.Data)
		z.Row(s)[unit] = F(lo + (hi-lo)*float64(s)/float64(steps-1))
	}
	return m.Decode(z), nil
}
