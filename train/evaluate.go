package train

import (
	"context"
	"fmt"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
)

// Evaluate measures a classifier on every example of a source whose shape and
// classes are the model's.
func Evaluate(ctx context.Context, model *modelfile.Model, source dataset.Source) (*Metrics, error) {
	return checkedEvaluate(ctx, model, source, nil)
}

// EvaluateAttacked is [Evaluate] on attacked examples. The attack is in the
// units of the data, as in [Adversarial].
func EvaluateAttacked(ctx context.Context, model *modelfile.Model, source dataset.Source, a attack.Attack) (*Metrics, error) {
	adversarial := &Adversarial{Attack: a}
	if err := adversarial.validate(); err != nil {
		return nil, err
	}
	adversary, err := newAdversary(adversarial, model)
	if err != nil {
		return nil, err
	}
	return checkedEvaluate(ctx, model, source, adversary)
}

func checkedEvaluate(ctx context.Context, model *modelfile.Model, source dataset.Source, adversary *adversary) (*Metrics, error) {
	predictor, err := model.NewPredictor()
	if err != nil {
		return nil, err
	}
	if len(model.Classes) == 0 {
		return nil, fmt.Errorf("train: a model without classes cannot be evaluated")
	}
	if err := fits(model, source.Info()); err != nil {
		return nil, err
	}
	return evaluate(ctx, model, predictor, source, adversary)
}

// evaluationBatch bounds a batch in examples, evaluationNumbers in numbers.
const (
	evaluationBatch   = 256
	evaluationNumbers = 1 << 22
)

func evaluate(ctx context.Context, model *modelfile.Model, predictor *modelfile.Predictor, source dataset.Source, adversary *adversary) (*Metrics, error) {
	size := max(1, min(evaluationBatch, evaluationNumbers/source.Info().Size()))
	loader := dataset.Loader{Source: source, BatchSize: size}
	m := newMetrics(model.Classes)
	for batch, err := range loader.Batches(ctx, 0, 0) {
		if err != nil {
			return nil, err
		}
		if err := adversary.perturb(ctx, batch, source.Info(), batch.Indices[0]); err != nil {
			return nil, err
		}
		logits, err := predictor.Logits(batch.X)
		if err != nil {
			return nil, err
		}
		for i, label := range batch.Labels {
			m.add(logits.Row(i), label)
		}
	}
	m.mean()
	return m, nil
}
