package bench

import (
	"math/rand/v2"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
)

// steps are whole training steps: forward, cross-entropy, backward, heavy-ball
// gradient descent.
func steps() []Workload {
	return []Workload{
		trainingStep("mlp_step", 60, 128, []int{784}, perceptron(784, 512, 256, 10)),
		trainingStep("mlp_small_step", 60, 32, []int{64}, perceptron(64, 32, 10)),
		trainingStep("mlp_big_step", 15, 256, []int{784}, perceptron(784, 2048, 2048, 10)),
		trainingStep("cnn_step", 20, 64, []int{1, 28, 28}, convolutional),
	}
}

// perceptron returns a constructor of linear layers with ReLU between them.
func perceptron(sizes ...int) func(rng *rand.Rand) nn.Sequential[float32] {
	return func(rng *rand.Rand) nn.Sequential[float32] {
		var model nn.Sequential[float32]
		for i, in := range sizes[:len(sizes)-1] {
			if i > 0 {
				model = append(model, nn.ReLU[float32]{})
			}
			model = append(model, nn.NewLinear[float32](in, sizes[i+1], rng))
		}
		return model
	}
}

func convolutional(rng *rand.Rand) nn.Sequential[float32] {
	return nn.Sequential[float32]{
		nn.NewConv2D[float32](1, 32, 3, 1, 1, rng), nn.ReLU[float32]{}, nn.NewMaxPool2D[float32](2),
		nn.NewConv2D[float32](32, 64, 3, 1, 1, rng), nn.ReLU[float32]{}, nn.NewMaxPool2D[float32](2),
		nn.Flatten[float32]{},
		nn.NewLinear[float32](64*49, 128, rng), nn.ReLU[float32]{}, nn.NewLinear[float32](128, 10, rng),
	}
}

func trainingStep(name string, counted, batch int, input []int, build func(*rand.Rand) nn.Sequential[float32]) Workload {
	multiplyAdds := multiplyAdds(build(newRand()), input)
	return Workload{
		Name: name, Unit: Milliseconds, Warm: 8, Counted: counted,
		Operations: 2 * float64(batch) * (3*multiplyAdds.all - multiplyAdds.first), // no gradient in the data
		Prepare: func(Environment) (func(), error) {
			rng := newRand()
			train, err := trainer(build(rng), rng)
			x, labels := uniform(rng, append([]int{batch}, input...)...), randomLabels(rng, batch, 10)
			return func() { train(x, labels) }, err
		},
	}
}

// trainer returns a function that takes one training step of the model.
func trainer(model nn.Sequential[float32], rng *rand.Rand) (train func(x *tensor.Tensor[float32], labels []int), err error) {
	opt, err := optim.New(nn.Params[float32](model), optim.MomentumStep[float32](0.01))
	pass := &nn.Pass[float32]{Tape: autodiff.NewTape[float32](), Train: true, Rand: rng}
	return func(x *tensor.Tensor[float32], labels []int) {
		pass.Tape.Reset()
		logits := model.Forward(pass, pass.Tape.Constant(x))
		pass.Tape.Backward(losses.CrossEntropy(logits, labels, losses.CrossEntropyOptions{}))
		if err := opt.Step(); err != nil {
			panic(err) // the data are finite: a kernel is wrong
		}
	}, err
}

func randomLabels(rng *rand.Rand, n, classes int) []int {
	labels := make([]int, n)
	for i := range labels {
		labels[i] = rng.IntN(classes)
	}
	return labels
}

// predictions are logits of a trained-size network without training.
func predictions() []Workload {
	predict := func(name string, counted, batch int) Workload {
		build := perceptron(784, 512, 256, 10)
		return Workload{
			Name: name, Unit: Milliseconds, Warm: 8, Counted: counted,
			Operations: 2 * float64(batch) * multiplyAdds(build(newRand()), []int{784}).all,
			Bytes:      float64(4 * batch * 784),
			Prepare: func(Environment) (func(), error) {
				rng := newRand()
				model, x := build(rng), uniform(rng, batch, 784)
				pass := &nn.Pass[float32]{Tape: autodiff.NewTape[float32]()}
				return func() {
					pass.Tape.Reset()
					model.Forward(pass, pass.Tape.Constant(x))
				}, nil
			},
		}
	}
	return []Workload{predict("predict_b1", 300, 1), predict("predict_b1024", 40, 1024)}
}

// cost is the multiply-adds of one example: of all layers, and of the first.
type cost struct{ all, first float64 }

func multiplyAdds(model nn.Sequential[float32], input []int) cost {
	all, err := nn.Summary[float32](model, input)
	if err != nil {
		panic(err) // the workloads' own models
	}
	return cost{float64(all.MultiplyAdds), float64(all.Rows[0].MultiplyAdds)}
}
