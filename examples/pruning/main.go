// Command pruning trains on drawn digits with a penalty on the norm of each
// hidden unit's weights, and takes out the units that its exact step left at 0.
package main

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/prune"
	"github.com/gradus-ml/gradus/train"
)

func main() {
	report, whole, pruned, err := learn(context.Background(), 10000, 8)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v; accuracy %.1f%%, pruned %.1f%%\n", report, 100*whole, 100*pruned)
}

func learn(ctx context.Context, n, epochs int) (report *prune.Report, whole, pruned float64, err error) {
	var measured [2]*train.Metrics
	digits, err := dataset.Open("glyphs", dataset.Train)
	if err != nil {
		return nil, 0, 0, err
	}
	unseen, err := dataset.Open("glyphs", dataset.Test)
	if err != nil {
		return nil, 0, 0, err
	}
	info := digits.Info()
	net, err := nn.Parse[float32]("mlp:128", info.Shape, len(info.Classes), rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		return nil, 0, 0, err
	}
	model := &modelfile.Model{Net: net, Input: info.Shape, Classes: info.Classes}
	plain := optim.MomentumStep[float32](0.05)
	sparse := plain
	sparse.Penalty = prox.Norm[float32]{Rho: prox.Linear{Lambda: 0.02}, Per: prox.PerRow}
	_, err = train.Fit(ctx, model, train.Config{Train: dataset.First(digits, n), BatchSize: 64, Shuffle: true, Seed: 1, Epochs: epochs,
		Step: plain, Groups: []optim.Group[float32]{{Match: "1.weight", Step: sparse}}})
	for i := 0; i < 2 && err == nil; i++ {
		if measured[i], err = train.Evaluate(ctx, model, dataset.First(unseen, 1000)); err == nil && i == 0 {
			model.Net, report, err = prune.Net(model.Net, model.Input)
		}
	}
	if err != nil {
		return nil, 0, 0, err
	}
	return report, measured[0].Accuracy, measured[1].Accuracy, nil
}
