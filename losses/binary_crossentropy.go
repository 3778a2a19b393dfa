package losses

import (
	"slices"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// BinaryCrossEntropy returns −t·log σ(z) − (1−t)·log(1−σ(z)), in nats, of
// logits z against targets t in [0, 1], both of one shape [batch, …], reduced:
// under MeanReduction the mean over all elements, as PyTorch does.
//
// It is right for logits of any size: computed as (1−t)·max(z, 0) +
// t·max(−z, 0) + log(1+e^−|z|), of which no term overflows or cancels. Targets
// outside [0, 1] are not refused; the formula holds for them. The loss of no
// elements is 0. Panics with a [*tensor.ShapeError] if the shapes differ.
//
// Source: docs/kl-cross-entropy.md.
func BinaryCrossEntropy[F tensor.Float](logits *autodiff.Var[F], targets *tensor.Tensor[F], how Reduction) *autodiff.Var[F] {
	if !slices.Equal(logits.Shape(), targets.Shape) {
		panic(tensor.Mismatch("losses.BinaryCrossEntropy", "logits and targets of one shape", logits.Shape(), targets.Shape))
	}
	tape, n := logits.Tape(), len(targets.Data)
	op := binaryCrossEntropy[F]{logits: logits, targets: targets.Data, far: tape.Scratch(n)}
	op.loss, op.factor = tape.Output(nil, logits), 1/how.divisor(logits.Shape())
	tails := tape.Scratch(n)
	simd.Abs(op.far, logits.Value.Data)
	simd.Scale(op.far, op.far, -1)
	simd.Softplus(tails, op.far)
	simd.Sigmoid(op.far, op.far)
	sum := simd.Sum(tails)
	for i, z := range logits.Value.Data {
		z, t := float64(z), float64(targets.Data[i])
		if z > 0 {
			sum += (1 - t) * z
		} else {
			sum -= t * z
		}
	}
	op.loss.Value.Data[0] = F(op.factor * sum)
	return autodiff.Record(op.loss, op)
}

type binaryCrossEntropy[F tensor.Float] struct {
	logits, loss *autodiff.Var[F]
	targets      []F
	far          []F // σ(−|z|), the probability of the less likely class
	factor       float64
}

// Pull: dz += dloss·factor·(σ(z) − t), written as (1−t)·σ(z) − t·σ(−z) with the
// smaller of the two sigmoids as it was computed and the larger as 1 minus it,
// so that nothing cancels where the prediction is right.
func (op *binaryCrossEntropy[F]) Pull() {
	g := op.logits.Accumulate()
	s := F(op.factor * float64(op.loss.Grad.Data[0]))
	for i, q := range op.far {
		t := op.targets[i]
		if op.logits.Value.Data[i] > 0 {
			g[i] += s * ((1-t)*(1-q) - t*q)
		} else {
			g[i] += s * ((1-t)*q - t*(1-q))
		}
	}
}
