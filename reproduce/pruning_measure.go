package reproduce

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/train"
)

// speed is how many times faster a predicts than b, by medians of calls that
// alternate.
func (t pruneTrial) speed(a, b *modelfile.Model, test dataset.Source) (float64, error) {
	x := tensor.New[float32](append([]int{t.batch}, a.Input...)...)
	for i := range t.batch {
		if _, err := test.Read(i%test.Len(), x.Row(i)); err != nil {
			return 0, err
		}
	}
	var predictors [2]*modelfile.Predictor
	for i, m := range []*modelfile.Model{a, b} {
		var err error
		if predictors[i], err = m.NewPredictor(); err != nil {
			return 0, err
		}
	}
	const calls = 41
	var times [2][]float64
	for range calls {
		for i, p := range predictors {
			start := time.Now()
			if _, err := p.Logits(x); err != nil {
				return 0, err
			}
			times[i] = append(times[i], time.Since(start).Seconds())
		}
	}
	slices.Sort(times[0])
	slices.Sort(times[1])
	return times[1][calls/2] / times[0][calls/2], nil
}

// logitChange is the largest difference between the logits of two models, of
// the largest logit.
func logitChange(ctx context.Context, a, b *modelfile.Model, test dataset.Source) (float64, error) {
	before, _, err := train.Logits(ctx, a, test)
	if err != nil {
		return 0, err
	}
	after, _, err := train.Logits(ctx, b, test)
	if err != nil {
		return 0, err
	}
	change, largest := 0.0, 0.0
	for i, z := range before.Data {
		change, largest = max(change, math.Abs(z-after.Data[i])), max(largest, math.Abs(z))
	}
	return change / largest, nil
}

// accuracies measures models in percent.
func accuracies(ctx context.Context, test dataset.Source, models ...*modelfile.Model) ([]float64, error) {
	var all []float64
	for _, m := range models {
		metrics, err := train.Evaluate(ctx, m, test)
		if err != nil {
			return nil, err
		}
		all = append(all, 100*metrics.Accuracy)
	}
	return all, nil
}

// hiddenWeights are the weights of all layers but the last.
func hiddenWeights(net nn.Layer[float32]) []*nn.Param[float32] {
	var all []*nn.Param[float32]
	for _, p := range nn.Params[float32](net) {
		if len(p.Value.Shape) > 1 {
			all = append(all, p)
		}
	}
	return all[:len(all)-1]
}

// hiddenNorms are the norms of the hidden units' weights.
func hiddenNorms(net nn.Layer[float32]) []float64 {
	var norms []float64
	for _, weight := range hiddenWeights(net) {
		for u := range weight.Value.Shape[0] {
			norms = append(norms, rowNorm(weight.Value.Row(u)))
		}
	}
	return norms
}

func rowNorm(w []float32) float64 {
	sum := 0.0
	for _, v := range w {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}

func zeros(norms []float64) int {
	n := 0
	for _, norm := range norms {
		if norm == 0 {
			n++
		}
	}
	return n
}

// normsPicture draws norms sorted from the largest, on a logarithmic axis from
// which those that are 0 are missing.
func normsPicture(proximal, subgradient []float64) report.Picture {
	line := func(name string, norms []float64) report.Line {
		l := report.Line{Name: name}
		sorted := slices.Clone(norms)
		slices.Sort(sorted)
		slices.Reverse(sorted)
		for i, norm := range sorted {
			if norm > 0 {
				l.X, l.Y = append(l.X, float64(i+1)), append(l.Y, norm)
			}
		}
		return l
	}
	return report.Figure{
		Title: fmt.Sprintf("a group penalty on %d hidden units, MNIST", len(proximal)), X: "hidden units, sorted",
		Panels: []report.Panel{{Y: "norm of a unit's weights", LogY: true, Lines: []report.Line{
			line(fmt.Sprintf("proximal step: %d are exactly 0", zeros(proximal)), proximal), line(fmt.Sprintf("subgradient: %d", zeros(subgradient)), subgradient),
		}}},
	}
}
