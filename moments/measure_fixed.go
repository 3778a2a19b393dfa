package moments

import (
	"math/rand/v2"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// MeasureFixed is [Measure] with the predictions of [PropagateFixed] beside what
// is measured: for the very weights of the model, such as trained ones, and for
// inputs with the mean and the covariance of every two elements that the batch
// has. The error is that of PropagateFixed or of Measure.
func MeasureFixed[F tensor.Float](model nn.Layer[F], batch *tensor.Tensor[F], mode Mode, rng *rand.Rand) (*Table, error) {
	f, err := fixedOf(batch, mode)
	if err != nil {
		return nil, err
	}
	predicted, err := f.run(model)
	if err != nil {
		return nil, err
	}
	table, err := Measure(model, batch, mode, rng)
	if err != nil {
		return nil, err
	}
	for i := range table.Rows {
		table.Rows[i].Predicted = predicted.Rows[i].Predicted
	}
	return table, nil
}

// fixedOf begins with the mean and the covariance of a batch [batch, …].
func fixedOf[F tensor.Float](batch *tensor.Tensor[F], mode Mode) (*fixed[F], error) {
	in, err := Of(batch)
	if err != nil {
		return nil, err
	}
	f, err := newFixed[F](in, mode)
	if err != nil {
		return nil, err
	}
	n, size := batch.Shape[0], len(f.mean)
	x := tensor.Convert[float64](batch).Reshape(n, size)
	clear(f.mean)
	for b := range n {
		simd.AddScaled(f.mean, x.Row(b), 1/float64(n))
	}
	for b := range n {
		simd.AddScaled(x.Row(b), f.mean, -1)
	}
	tensor.MatMul(f.covariance, x, x, tensor.Product[float64]{TransA: true})
	simd.Scale(f.covariance.Data, f.covariance.Data, 1/float64(n))
	return f, nil
}
