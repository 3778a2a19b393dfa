// Command mnist trains a network on handwritten digits, of a folder of IDX
// files such as MNIST, or on drawn ones where no folder is given.
package main

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"os"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/train"
)

func main() {
	metrics, err := learn(context.Background(), append(os.Args[1:], "glyphs")[0], 3)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("accuracy %.2f%% on %d digits that it never saw\n", 100*metrics.Accuracy, metrics.Examples)
}

func learn(ctx context.Context, data string, epochs int) (*train.Metrics, error) {
	digits, err := dataset.Open(data, dataset.Train)
	if err != nil {
		return nil, err
	}
	unseen, err := dataset.Open(data, dataset.Test)
	if err != nil {
		return nil, err
	}
	info := digits.Info()
	net, err := nn.Parse[float32]("mlp:256", info.Shape, len(info.Classes), rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		return nil, err
	}
	model := &modelfile.Model{Net: net, Input: info.Shape, Classes: info.Classes}
	step := optim.AdamStep[float32](1e-3)
	_, err = train.Fit(ctx, model, train.Config{Train: digits, BatchSize: 128, Shuffle: true, Seed: 1, Epochs: epochs, Step: step})
	if err != nil {
		return nil, err
	}
	return train.Evaluate(ctx, model, unseen)
}
