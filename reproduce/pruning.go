package reproduce

import (
	"context"
	"fmt"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/prune"
	"github.com/gradus-ml/gradus/train"
)

// pruning removes hidden units by the group penalty's proximal step.
func pruning() Experiment {
	return Experiment{
		Name:  "pruning",
		Title: "Hidden units that a group penalty removes",
		About: "An MLP with 256 + 256 hidden units, trained for eight epochs with momentum 0.9 at rate 0.05 and the penalty λ‖row‖ on the weights of each hidden unit, λ = 0.0022 in the first layer and 0.01 in the second, by its proximal step. `prune` takes the units whose weights are exactly 0 out; Adam then trains what is left for six epochs without a penalty. Beside it the same network trained for five epochs as `gradus train` does, and the same penalty through its subgradient, for four epochs. Predictions are timed in batches of 1024, one network after the other, medians of 41.",
		Run: func(ctx context.Context, lab *Lab) ([]Figure, error) {
			return pruneTrial{spec: "mlp:256,256", lambdas: []float64{2.2e-3, 1e-2}, rate: 0.05, epochs: 8, after: 6, subgradient: 4, batch: 1024}.run(ctx, lab)
		},
	}
}

// pruneTrial is the size of the experiment.
type pruneTrial struct {
	spec        string
	lambdas     []float64 // of each hidden layer
	rate        float64
	epochs      int // with the penalty
	after       int // without
	subgradient int // with the penalty through its subgradient
	batch       int // of the timed predictions
}

const pruneBatch = 128

func (t pruneTrial) run(ctx context.Context, lab *Lab) ([]Figure, error) {
	test, err := lab.Test()
	if err != nil {
		return nil, err
	}
	whole, err := lab.Classifier(ctx, t.spec)
	if err != nil {
		return nil, err
	}
	sparse, err := t.proximal(ctx, lab)
	if err != nil {
		return nil, err
	}
	proximalNorms, subgradientNorms := hiddenNorms(sparse.Net), []float64(nil)
	small := *sparse
	var removed *prune.Report
	if small.Net, removed, err = prune.Net(sparse.Net, sparse.Input); err != nil {
		return nil, err
	}
	change, err := logitChange(ctx, sparse, &small, test)
	if err != nil {
		return nil, err
	}
	step := optim.AdamStep[float32](0.002)
	if err := t.fit(ctx, lab, &small, step, nil, t.after, "training what is left"); err != nil {
		return nil, err
	}
	if subgradientNorms, err = t.bySubgradient(ctx, lab); err != nil {
		return nil, err
	}
	of, err := accuracies(ctx, test, whole, &small)
	if err != nil {
		return nil, err
	}
	speed, err := t.speed(&small, whole, test)
	if err != nil {
		return nil, err
	}
	lab.Draw("pruning-norms.svg", "The norm of each hidden unit's weights, sorted. The proximal step ends at exactly 0 for most, where the line stops; the subgradient hovers above.",
		normsPicture(proximalNorms, subgradientNorms))
	before, after := removed.Units()
	return []Figure{
		Shown("accuracy with all units", of[0], "%.2f%%", ""),
		AtLeast("hidden units removed", 100*(1-float64(after)/float64(before)), "%.1f%%", 80, fmt.Sprintf("%d of %d are left", after, before)),
		AtMost("accuracy lost", of[0]-of[1], "%.2f points", 0.3, fmt.Sprintf("%.2f%% with the units that are left", of[1])),
		AtMost("change of a logit by pruning, of the largest logit", change, "%.1e", 1e-6, "0 but for rounding"),
		AtLeast("times faster in predict", speed, "%.1f", 3, fmt.Sprintf("%.1f times fewer multiply-adds", float64(removed.MultiplyAddsBefore)/float64(removed.MultiplyAddsAfter))),
		AtMost("units of weights exactly 0 by the subgradient", float64(zeros(subgradientNorms)), "%.0f", 0, fmt.Sprintf("%d by the proximal step", zeros(proximalNorms))),
	}, nil
}

// proximal trains with the group penalty on the hidden layers.
func (t pruneTrial) proximal(ctx context.Context, lab *Lab) (*modelfile.Model, error) {
	source, err := lab.Train()
	if err != nil {
		return nil, err
	}
	m, err := lab.untrained(ctx, t.spec, source)
	if err != nil {
		return nil, err
	}
	plain := optim.MomentumStep[float32](t.rate)
	var groups []optim.Group[float32]
	for i, weight := range hiddenWeights(m.Net) {
		penalised := plain
		penalised.Penalty = prox.Norm[float32]{Rho: prox.Linear{Lambda: t.lambdas[i]}, Per: prox.PerRow}
		groups = append(groups, optim.Group[float32]{Step: penalised, Where: func(_ string, p *nn.Param[float32]) bool { return p == weight }})
	}
	return m, t.fit(ctx, lab, m, plain, groups, t.epochs, "proximal group step")
}

// fit trains: the rate of Adam falls along a cosine, momentum's stays.
func (t pruneTrial) fit(ctx context.Context, lab *Lab, m *modelfile.Model, step optim.Step[float32], groups []optim.Group[float32], epochs int, what string) error {
	source, err := lab.Train()
	if err != nil {
		return err
	}
	if rate, constant := step.Rate.(optim.Constant); constant && groups == nil {
		step.Rate = optim.Cosine{From: float64(rate), Steps: epochs * ((source.Len()-1)/pruneBatch + 1)}
	}
	_, err = train.Fit(ctx, m, train.Config{
		Train: source, BatchSize: pruneBatch, Shuffle: true, Seed: lab.Seed, Step: step, Groups: groups, Epochs: epochs,
		Observer: train.Observer{Step: func(e train.StepEvent) { lab.Say(fmt.Sprintf("%s: epoch %d of %d", what, e.Epoch+1, epochs)) }},
	})
	return err
}

// bySubgradient trains with λ·w/‖w‖, 0 at 0, added to the gradients of each
// hidden row w, and returns the norms of the rows.
func (t pruneTrial) bySubgradient(ctx context.Context, lab *Lab) ([]float64, error) {
	source, err := lab.Train()
	if err != nil {
		return nil, err
	}
	m, err := lab.untrained(ctx, t.spec, source)
	if err != nil {
		return nil, err
	}
	opt, err := optim.New(nn.Params[float32](m.Net), optim.MomentumStep[float32](t.rate))
	if err != nil {
		return nil, err
	}
	loader := dataset.Loader{Source: source, BatchSize: pruneBatch, Shuffle: true, Seed: lab.Seed}
	pass := &nn.Pass[float32]{Tape: autodiff.NewTape[float32](), Train: true}
	for epoch := range t.subgradient {
		lab.Say(fmt.Sprintf("subgradient: epoch %d of %d", epoch+1, t.subgradient))
		for batch, err := range loader.Batches(ctx, epoch, 0) {
			if err != nil {
				return nil, err
			}
			m.Preprocess.Apply(batch.X)
			pass.Tape.Reset()
			logits := m.Net.Forward(pass, pass.Tape.Constant(batch.X))
			pass.Tape.Backward(losses.CrossEntropy(logits, batch.Labels, losses.CrossEntropyOptions{}))
			for i, weight := range hiddenWeights(m.Net) {
				for u := range weight.Value.Shape[0] {
					w, g := weight.Value.Row(u), weight.Grad.Row(u)
					if norm := rowNorm(w); norm > 0 {
						for j, v := range w {
							g[j] += float32(t.lambdas[i] / norm * float64(v))
						}
					}
				}
			}
			if err := opt.Step(); err != nil {
				return nil, err
			}
		}
	}
	return hiddenNorms(m.Net), nil
}
