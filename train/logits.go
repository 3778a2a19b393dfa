package train

import (
	"context"
	"fmt"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/modelfile"
)

// Logits returns what a classifier makes of every example of a source whose
// shape and classes are the model's, in the source's order, and the labels.
func Logits(ctx context.Context, model *modelfile.Model, source dataset.Source) (losses.Logits, []int, error) {
	z := losses.Logits{Table: losses.Table{Classes: len(model.Classes)}}
	predictor, err := model.NewPredictor()
	if err != nil {
		return z, nil, err
	}
	if z.Classes == 0 {
		return z, nil, fmt.Errorf("train: a model without classes has no logits")
	}
	if err := fits(model, source.Info()); err != nil {
		return z, nil, err
	}
	var labels []int
	loader := dataset.Loader{Source: source, BatchSize: max(1, min(evaluationBatch, evaluationNumbers/source.Info().Size()))}
	for batch, err := range loader.Batches(ctx, 0, 0) {
		if err != nil {
			return z, nil, err
		}
		logits, err := predictor.Logits(batch.X)
		if err != nil {
			return z, nil, err
		}
		for _, v := range logits.Data {
			z.Data = append(z.Data, float64(v))
		}
		labels = append(labels, batch.Labels...)
	}
	return z, labels, z.Check()
}
