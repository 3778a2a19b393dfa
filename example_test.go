package gradus_test

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
)

// A whole program: draw digits, train a network on them, and see that it
// learned.
func Example() {
	digits, err := dataset.Open("glyphs", dataset.Train)
	if err != nil {
		fmt.Println(err)
		return
	}
	rng := rand.New(rand.NewPCG(1, 1))
	model := nn.Sequential[float32]{
		nn.Flatten[float32]{},
		nn.NewLinear[float32](784, 64, rng), nn.ReLU[float32]{},
		nn.NewLinear[float32](64, 10, rng),
	}
	opt, err := optim.New(nn.Params[float32](model), optim.AdamStep[float32](1e-3))
	if err != nil {
		fmt.Println(err)
		return
	}
	loader := dataset.Loader{Source: digits, BatchSize: 64, Shuffle: true, Seed: 1}
	pass := &nn.Pass[float32]{Tape: autodiff.NewTape[float32](), Train: true, Rand: rng}
	var loss float32
	for batch, err := range loader.Batches(context.Background(), 0, 0) {
		if err != nil {
			fmt.Println(err)
			return
		}
		pass.Tape.Reset()
		logits := model.Forward(pass, pass.Tape.Constant(batch.X))
		l := losses.CrossEntropy(logits, batch.Labels, losses.CrossEntropyOptions{})
		pass.Tape.Backward(l)
		if err := opt.Step(); err != nil {
			fmt.Println(err)
			return
		}
		loss = l.Value.Data[0]
	}
	fmt.Println("loss below 0.5 after one epoch:", loss < 0.5)
	// Output: loss below 0.5 after one epoch: true
}
