package main

import (
	"math/rand/v2"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/simplego"
	. "github.com/gomlx/gomlx/pkg/core/graph" //nolint // as its documentation does
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/gomlx/gomlx/pkg/ml/context"
	"github.com/gomlx/gomlx/pkg/ml/layers"
	"github.com/gomlx/gomlx/pkg/ml/layers/activations"
	"github.com/gomlx/gomlx/pkg/ml/train"
	"github.com/gomlx/gomlx/pkg/ml/train/losses"
	"github.com/gomlx/gomlx/pkg/ml/train/optimizers"
)

// pureGo is GoMLX's backend without cgo.
func pureGo() backends.Backend { return must(simplego.New("")) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// gomlxProduct is C = A·B of square matrices.
func gomlxProduct(n int) func() {
	product := must(NewExec(pureGo(), func(a, b *Node) *Node { return Dot(a, b) }))
	a, b := tensors.FromFlatDataAndDimensions(normal(n*n), n, n), tensors.FromFlatDataAndDimensions(normal(n*n), n, n)
	return func() {
		for _, c := range must(product.Exec(a, b)) {
			c.MustFinalizeAll()
		}
	}
}

// gomlxStep is the training step of 784-512-256-10, ReLU, batch 128, with
// cross-entropy and plain gradient descent: GoMLX has no heavy ball, so it does
// one pass over the parameters less than the others.
func gomlxStep() func() {
	const batch = 128
	model := func(ctx *context.Context, _ any, inputs []*Node) []*Node {
		x := inputs[0]
		x = activations.Relu(layers.DenseWithBias(ctx.In("first"), x, 512))
		x = activations.Relu(layers.DenseWithBias(ctx.In("second"), x, 256))
		return []*Node{layers.DenseWithBias(ctx.In("third"), x, 10)}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	labels := make([]int32, batch)
	for i := range labels {
		labels[i] = rng.Int32N(10)
	}
	x, y := tensors.FromFlatDataAndDimensions(normal(batch*784), batch, 784), tensors.FromFlatDataAndDimensions(labels, batch, 1)
	trainer := train.NewTrainer(pureGo(), context.New(), model, losses.SparseCategoricalCrossEntropyLogits,
		optimizers.StochasticGradientDescent().WithDecay(false).WithLearningRate(0.01).Done(), nil, nil)
	return func() { must(trainer.TrainStep(nil, []*tensors.Tensor{x}, []*tensors.Tensor{y})) }
}
