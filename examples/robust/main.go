// Command robust trains a network on attacked digits beside one on digits as
// they are, and attacks both.
package main

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/train"
)

func main() {
	a := attack.PGD(attack.LInf(0.1), attack.Unit(), 5, 0.04) // of ‖δ‖_∞ ≤ 0.1, pixels in [0, 1]
	a.RandomStart = true
	for _, adversarial := range []*train.Adversarial{nil, {Attack: a, WarmUp: 100}} {
		clean, attacked, err := learn(context.Background(), 10000, adversarial, a)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("trained on attacked digits: %-5t  accuracy %.1f%%, under attack %.1f%%\n", adversarial != nil, 100*clean, 100*attacked)
	}
}

// learn trains on n drawn digits and measures on others, as they are and attacked.
func learn(ctx context.Context, n int, adversarial *train.Adversarial, a attack.Attack) (clean, attacked float64, err error) {
	digits, err := dataset.Open("glyphs", dataset.Train)
	if err != nil {
		return 0, 0, err
	}
	unseen, err := dataset.Open("glyphs", dataset.Test)
	if err != nil {
		return 0, 0, err
	}
	net, err := nn.Parse[float32]("mlp:128", digits.Info().Shape, 10, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		return 0, 0, err
	}
	model := &modelfile.Model{Net: net, Input: digits.Info().Shape, Classes: digits.Info().Classes}
	_, err = train.Fit(ctx, model, train.Config{Train: dataset.First(digits, n), BatchSize: 64, Shuffle: true, Seed: 1, Epochs: 4, Step: optim.AdamStep[float32](2e-3), Adversarial: adversarial})
	if err != nil {
		return 0, 0, err
	}
	plain, err := train.Evaluate(ctx, model, dataset.First(unseen, 500))
	if err != nil {
		return 0, 0, err
	}
	under, err := train.EvaluateAttacked(ctx, model, dataset.First(unseen, 500), a)
	if err != nil {
		return 0, 0, err
	}
	return plain.Accuracy, under.Accuracy, nil
}
