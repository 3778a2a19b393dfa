package vae

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/seeds"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// draws is a batch with codes drawn of it: what every judgement of a model is
// made from. It is valid until the next batch.
type draws struct {
	model     *Model[float32]
	first     int                     // index of the first example
	samples   int                     // codes of each example
	x         *tensor.Tensor[float32] // [n, Input…]
	posterior *tensor.Tensor[float32] // [n, 2k]
	z         *tensor.Tensor[float32] // [n·samples, k]
	mean      *tensor.Tensor[float32] // [n·samples, d]: means of x, or logits
}

// rowsAtOnce bounds the decoder's batch, and so the memory.
const rowsAtOnce = 2048

// each runs through a source in order. Codes are drawn from a stream of the
// seed alone.
func each(ctx context.Context, m *Model[float32], source Source, samples int, seed uint64, f func(*draws)) error {
	if err := m.Validate(); err != nil {
		return err
	}
	if source == nil || source.Len() == 0 {
		return errors.New("vae: no data")
	}
	if samples < 1 {
		return fmt.Errorf("vae: %d samples of each code: want at least 1", samples)
	}
	var pcg rand.PCG
	seeds.Set(&pcg, seed, measureStream)
	n, size := source.Len(), max(1, min(256, rowsAtOnce/samples))
	r := newReader(source, m.Input, min(size, n))
	pass := &nn.Pass[float32]{Tape: autodiff.NewTape[float32](), Rand: rand.New(&pcg)}
	indices := make([]int, 0, size)
	b := &draws{model: m, samples: samples}
	for b.first = 0; b.first < n; b.first += size {
		if err := ctx.Err(); err != nil {
			return err
		}
		indices = indices[:0]
		for i := b.first; i < min(b.first+size, n); i++ {
			indices = append(indices, i)
		}
		var err error
		if b.x, err = r.read(indices); err != nil {
			return err
		}
		pass.Tape.Reset()
		posterior := m.Encoder.Forward(pass, pass.Tape.Constant(b.x))
		z := Draw(posterior, samples, pass.Rand)
		b.posterior, b.z, b.mean = posterior.Value, z.Value, m.Decoder.Forward(pass, z).Value
		f(b)
	}
	return nil
}

// negativeLogLikelihood returns −log p(x|z) for row r of the draws, at the
// frozen variance.
func (b *draws) negativeLogLikelihood(r int) float64 {
	x, mean := b.x.Row(r/b.samples), b.mean.Row(r)
	if b.model.Likelihood == Bernoulli {
		return bernoulliNats(x, mean)
	}
	return gaussianRowNats(x, mean, b.model.Variance.Value.Data)
}

// gaussianRowNats is −log N(x; mean, diag V) for one variance or one per number.
func gaussianRowNats(x, mean, variance []float32) float64 {
	if len(variance) == 1 {
		return gaussianNats(float64(len(x)), simd.SquaredDistance(x, mean), float64(variance[0]))
	}
	nats := 0.0
	for j, v := range variance {
		r := float64(x[j]) - float64(mean[j])
		nats += gaussianNats(1, r*r, float64(v))
	}
	return nats
}

// bernoulliNats is −x·log σ(l) − (1−x)·log(1−σ(l)), summed; no term overflows.
func bernoulliNats(x, logits []float32) float64 {
	nats := 0.0
	for j, l := range logits {
		l, t := float64(l), float64(x[j])
		nats += max(l, 0) - t*l + math.Log1p(math.Exp(-math.Abs(l)))
	}
	return nats
}

// kl returns the divergence of unit j of example i.
func (b *draws) kl(i, j int) float64 {
	row := b.posterior.Row(i)
	m, l := float64(row[j]), float64(row[b.model.Latent+j])
	return unitKL(m, l, math.Expm1(l))
}

// logWeight returns log p(x|z) + log p(z) − log q(z|x) for row r.
func (b *draws) logWeight(r int) float64 {
	w := -b.negativeLogLikelihood(r)
	q, z := b.posterior.Row(r/b.samples), b.z.Row(r)
	for j, v := range z {
		m, l, v := float64(q[j]), float64(q[len(z)+j]), float64(v)
		e := (v - m) * math.Exp(-l/2)
		w += (e*e + l - v*v) / 2
	}
	return w
}
