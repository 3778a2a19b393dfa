package losses

import (
	"slices"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// MSE returns the squared error (y − t)² of predictions y against targets t,
// both of one shape [batch, …], reduced: under MeanReduction the mean over all
// elements, as PyTorch does. The loss of no elements is 0. Panics with a
// [*tensor.ShapeError] if the shapes differ.
func MSE[F tensor.Float](y *autodiff.Var[F], targets *tensor.Tensor[F], how Reduction) *autodiff.Var[F] {
	if !slices.Equal(y.Shape(), targets.Shape) {
		panic(tensor.Mismatch("losses.MSE", "predictions and targets of one shape", y.Shape(), targets.Shape))
	}
	loss := y.Tape().Output(nil, y)
	factor := 1 / how.divisor(y.Shape())
	loss.Value.Data[0] = F(factor * simd.SquaredDistance(y.Value.Data, targets.Data))
	return autodiff.Record(loss, mse[F]{y, loss, targets.Data, factor})
}

type mse[F tensor.Float] struct {
	y, loss *autodiff.Var[F]
	targets []F
	factor  float64
}

// Pull: dy += dloss·factor·2·(y − t).
func (op *mse[F]) Pull() {
	g := op.y.Accumulate()
	s := F(2 * op.factor * float64(op.loss.Grad.Data[0]))
	for i, y := range op.y.Value.Data {
		g[i] += s * (y - op.targets[i])
	}
}
