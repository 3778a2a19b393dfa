package dataset_test

import (
	"context"
	"fmt"

	"github.com/gradus-ml/gradus/dataset"
)

func Example() {
	digits, err := dataset.Open("glyphs", dataset.Train)
	if err != nil {
		panic(err)
	}
	train, valid, err := dataset.HoldOut(dataset.First(digits, 1000), 0.1, 1)
	if err != nil {
		panic(err)
	}
	fmt.Println(train.Len(), valid.Len(), digits.Info().Shape)

	loader := dataset.Loader{Source: train, BatchSize: 256, Shuffle: true, Seed: 1, Augment: dataset.Distort{Shift: 1}}
	for batch, err := range loader.Batches(context.Background(), 0, 0) {
		if err != nil {
			panic(err)
		}
		fmt.Println(batch.X.Shape, len(batch.Labels))
	}
	// Output:
	// 900 100 [1 28 28]
	// [256 1 28 28] 256
	// [256 1 28 28] 256
	// [256 1 28 28] 256
	// [132 1 28 28] 132
}
