package train

import (
	"context"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/tensor"
)

// Inputs returns the first batches of a loader, at most so many, as the model
// takes them, for what looks at a few more than once, such as the statistics of
// normalisations. Errors are those of the loader.
func Inputs(ctx context.Context, model *modelfile.Model, loader dataset.Loader, most int) ([]*tensor.Tensor[float32], error) {
	var batches []*tensor.Tensor[float32]
	for batch, err := range loader.Batches(ctx, 0, 0) {
		if err != nil {
			return nil, err
		}
		x := batch.X.Clone()
		model.Preprocess.Apply(x)
		if batches = append(batches, x); len(batches) >= most {
			break
		}
	}
	return batches, nil
}
