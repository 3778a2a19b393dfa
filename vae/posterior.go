package vae

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Draw returns codes z = m + e^(l/2)·ε, ε standard normal, for an encoder's
// output [batch, 2k]: k means m, then k log-variances l. Each example has samples
// codes in turn: z is [batch·samples, k]. Without rng, z is the mean. It panics
// with a [*tensor.ShapeError] unless the output has an even number of columns.
// Source: Kingma and Welling 2014.
func Draw[F tensor.Float](posterior *autodiff.Var[F], samples int, rng *rand.Rand) *autodiff.Var[F] {
	n, k := latentShape("vae.Draw", posterior)
	tape := posterior.Tape()
	shape := [2]int{n * samples, k}
	op := draw[F]{posterior: posterior, z: tape.Output(shape[:], posterior), samples: samples}
	if rng != nil {
		op.noise = tape.Scratch(n * samples * k)
	}
	std := tape.Scratch(k)
	for i := range n {
		row := posterior.Value.Data[2*k*i : 2*k*(i+1)]
		if rng != nil {
			simd.Scale(std, row[k:], 0.5)
			simd.Exp(std, std)
		}
		for r := i * samples; r < (i+1)*samples; r++ {
			z := op.z.Value.Data[r*k : (r+1)*k]
			if rng == nil {
				copy(z, row)
				continue
			}
			noise := op.noise[r*k : (r+1)*k]
			for j := range noise {
				noise[j] = std[j] * F(rng.NormFloat64())
				z[j] = row[j] + noise[j]
			}
		}
	}
	return autodiff.Record(op.z, op)
}

// latentShape returns the examples and the latent units of an encoder's output.
func latentShape[F tensor.Float](op string, posterior *autodiff.Var[F]) (n, k int) {
	s := posterior.Shape()
	if len(s) != 2 || s[1]%2 != 0 || s[1] == 0 {
		panic(tensor.Mismatch(op, "[batch 2·units]: means, then log-variances", s))
	}
	return s[0], s[1] / 2
}

type draw[F tensor.Float] struct {
	posterior, z *autodiff.Var[F]
	noise        []F // z − m, or nil for none
	samples      int
}

// Pull: dm += Σ dz, dl += Σ dz·(z − m)/2, over the samples of an example.
func (op *draw[F]) Pull() {
	g, dz := op.posterior.Accumulate(), op.z.Grad.Data
	k := op.z.Shape()[1]
	for r := range op.z.Shape()[0] {
		row := g[r/op.samples*2*k:]
		for j, d := range dz[r*k : (r+1)*k] {
			row[j] += d
			if op.noise != nil {
				row[k+j] += d * op.noise[r*k+j] / 2
			}
		}
	}
}

// KL returns the divergence of the encoder's Gaussians from N(0, I), in nats,
// averaged over the batch, for an encoder's output as [Draw] takes it:
//
//	beta · Σ over the units of max(freeBits, mean of (m² + e^l − 1 − l)/2)
//
// A unit below freeBits nats has no gradient, so that it is not driven to say
// nothing. Beta 1 and freeBits 0 are the bound itself.
// Source: Kingma and Welling 2014; free bits: Kingma et al. 2016, appendix C.8;
// beta: Higgins et al. 2017.
func KL[F tensor.Float](posterior *autodiff.Var[F], beta, freeBits float64) *autodiff.Var[F] {
	n, k := latentShape("vae.KL", posterior)
	tape := posterior.Tape()
	op := divergence[F]{posterior: posterior, y: tape.Output(nil, posterior), half: tape.Scratch(n * k), weight: tape.Scratch(k)}
	total := 0.0
	for j := range k {
		sum := 0.0
		for i := range n {
			row := posterior.Value.Data[2*k*i:]
			m, l := float64(row[j]), float64(row[k+j])
			e := math.Expm1(l)
			sum += unitKL(m, l, e)
			op.half[i*k+j] = F(e / 2)
		}
		mean := sum / float64(max(n, 1))
		op.weight[j] = F(beta / float64(max(n, 1)))
		if mean <= freeBits && freeBits > 0 {
			mean, op.weight[j] = freeBits, 0
		}
		total += beta * mean
	}
	op.y.Value.Data[0] = F(total)
	return autodiff.Record(op.y, op)
}

// unitKL is the divergence of N(m, e^l) from N(0, 1), given e^l − 1.
func unitKL(m, l, e float64) float64 { return (m*m + (e - l)) / 2 }

type divergence[F tensor.Float] struct {
	posterior, y *autodiff.Var[F]
	half         []F // (e^l − 1)/2
	weight       []F // of each unit
}

// Pull: dm += dy·weight·m, dl += dy·weight·(e^l − 1)/2.
func (op *divergence[F]) Pull() {
	g, dy, k := op.posterior.Accumulate(), op.y.Grad.Data[0], len(op.weight)
	for i := range op.posterior.Shape()[0] {
		row, x := g[2*k*i:2*k*(i+1)], op.posterior.Value.Data[2*k*i:]
		for j, w := range op.weight {
			row[j] += dy * w * x[j]
			row[k+j] += dy * w * op.half[i*k+j]
		}
	}
}
