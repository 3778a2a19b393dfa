package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/dataset/csv"
	"github.com/gradus-ml/gradus/dataset/npy"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/shift"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/train"
)

// shiftInput is all that gradus shift works on.
type shiftInput struct {
	model        *modelfile.Model // nil with logits files
	name         string           // of the target data
	classes      []string
	target       losses.Logits
	labels       []int         // of the target; nil if unknown
	source       losses.Logits // may have no rows
	sourceLabels []int
	trainPrior   []float64 // nil with source
	targetPrior  []float64 // nil where it is to be estimated
}

// read reads everything and checks that it fits together.
func (c *shiftCommand) read(ctx context.Context, term *terminal) (*shiftInput, error) {
	in, err := c.readModel(ctx, term)
	if !isLogitsFile(c.Model) && err != nil {
		return nil, err
	}
	if isLogitsFile(c.Model) {
		if in, err = c.readLogits(term); err != nil {
			return nil, badInput(err)
		}
	}
	classes := len(in.classes)
	if c.TargetPrior != "" {
		if in.targetPrior, err = parsePrior("--target-prior", c.TargetPrior, classes); err != nil {
			return nil, err
		}
	}
	switch {
	case c.TrainPrior != "" && c.Source != "":
		return nil, badInputf("--train-prior and --source: give one of them, the training frequencies are those of --source")
	case c.TrainPrior != "":
		in.trainPrior, err = parsePrior("--train-prior", c.TrainPrior, classes)
	case c.Source != "":
		return in, nil
	case in.model != nil && len(in.model.Priors) > 0:
		in.trainPrior = in.model.Priors
	default:
		return nil, badInputf("%s: the class frequencies of training are not known: give --train-prior or --source", c.Model)
	}
	return in, err
}

func isLogitsFile(path string) bool {
	stat, err := os.Stat(path)
	ending := strings.ToLower(filepath.Ext(path))
	return (ending == ".csv" || ending == ".npy") && (err != nil || !stat.IsDir())
}

// readModel runs a model on the data; it does nothing with logits.
func (c *shiftCommand) readModel(ctx context.Context, term *terminal) (*shiftInput, error) {
	if isLogitsFile(c.Model) {
		return nil, nil
	}
	switch {
	case c.Labels != "" || c.SourceLabels != "" || c.Probabilities:
		return nil, badInputf("--labels, --source-labels and --probabilities go with logits; %s is taken as a model: want a .csv or .npy file", c.Model)
	case c.Data == "":
		return nil, badInputf("--data: want what the model meets now, a data set or a file")
	}
	model, err := openModel(c.Model)
	if err != nil {
		return nil, err
	}
	if len(model.Classes) < 2 {
		return nil, badInputf("%s: a model of %d classes: want two or more", c.Model, len(model.Classes))
	}
	in := &shiftInput{model: model, name: c.Data, classes: model.Classes}
	var source dataset.Source
	if c.Unlabelled {
		examples, err := readExamples(c.Data, model)
		if err != nil {
			return nil, badInput(err)
		}
		if source, err = dataset.NewMemory(c.Data, examples, make([]int, examples.Shape[0]), model.Classes); err != nil {
			return nil, badInput(err)
		}
	} else if source, err = openFor(model, term, c.Data, c.Split); err != nil {
		return nil, err
	}
	if in.target, in.labels, err = modelLogits(ctx, term, model, source); err != nil {
		return nil, err
	}
	if c.Unlabelled {
		in.labels = nil
	}
	if c.Source == "" {
		return in, nil
	}
	if source, err = openFor(model, term, c.Source, c.SourceSplit); err != nil {
		return nil, err
	}
	in.source, in.sourceLabels, err = modelLogits(ctx, term, model, source)
	return in, err
}

func modelLogits(ctx context.Context, term *terminal, model *modelfile.Model, source dataset.Source) (losses.Logits, []int, error) {
	watched, done := term.watch(source)
	defer done()
	z, labels, err := train.Logits(ctx, model, watched)
	if err != nil {
		return z, nil, badInput(fmt.Errorf("%s: %w", source.Info().Name, err))
	}
	return z, labels, nil
}

// readLogits reads what another framework wrote.
func (c *shiftCommand) readLogits(term *terminal) (*shiftInput, error) {
	switch {
	case c.Data != "" || c.Unlabelled:
		return nil, fmt.Errorf("--data and --unlabelled go with a model; %s is taken as logits", c.Model)
	case c.Save != "":
		return nil, fmt.Errorf("--save: %s holds logits: want a model; --json prints the scale and biases that correct the logits", c.Model)
	case (c.Source == "") != (c.SourceLabels == ""):
		return nil, fmt.Errorf("--source and --source-labels go together with logits")
	}
	defer term.working(func() string { return "reading " + c.Model })()
	in := &shiftInput{name: c.Model}
	var err error
	if in.target, err = logitsFile(c.Model, c.Probabilities); err != nil {
		return nil, err
	}
	for k := range in.target.Classes {
		in.classes = append(in.classes, strconv.Itoa(k))
	}
	if c.Labels != "" {
		if in.labels, err = labelsFile(c.Labels, in.target); err != nil {
			return nil, err
		}
	}
	if c.Source == "" {
		return in, nil
	}
	if in.source, err = logitsFile(c.Source, c.Probabilities); err != nil {
		return nil, err
	}
	if in.source.Classes != in.target.Classes {
		return nil, fmt.Errorf("%s: %d columns: want %d, the classes of %s", c.Source, in.source.Classes, in.target.Classes, c.Model)
	}
	in.sourceLabels, err = labelsFile(c.SourceLabels, in.source)
	return in, err
}

// readTable reads a .npy or .csv file of numbers.
func readTable(path string) (*tensor.Tensor[float64], error) {
	switch ending := strings.ToLower(filepath.Ext(path)); ending {
	case ".npy":
		array, err := npy.Open(path)
		if err != nil {
			return nil, err
		}
		return array.Float64(), nil
	case ".csv":
		table, err := csv.Open(path, csv.Options{Comma: ','})
		if err != nil {
			return nil, err
		}
		return tensor.Convert[float64](table.X), nil
	}
	return nil, fmt.Errorf("%s: want a .csv or .npy file", path)
}

// logitsFile reads rows of logits, or of probabilities.
func logitsFile(path string, probabilities bool) (losses.Logits, error) {
	x, err := readTable(path)
	if err != nil {
		return losses.Logits{}, err
	}
	if len(x.Shape) != 2 || x.Shape[0] < 2 || x.Shape[1] < 2 {
		return losses.Logits{}, fmt.Errorf("%s: an array of shape %v: want [examples, classes], two or more of each", path, x.Shape)
	}
	z := losses.Logits{Table: losses.Table{Classes: x.Shape[1], Data: x.Data}}
	if probabilities {
		p, err := z.Normalise()
		if err != nil {
			return z, fmt.Errorf("%s: %w", path, err)
		}
		z = p.LogProbs().Logits()
	}
	if err := z.Check(); err != nil {
		return z, fmt.Errorf("%s: %w", path, err)
	}
	return z, nil
}

// labelsFile reads one label for each row of z.
func labelsFile(path string, z losses.Logits) ([]int, error) {
	x, err := readTable(path)
	if err != nil {
		return nil, err
	}
	if len(x.Data) != z.Rows() {
		return nil, fmt.Errorf("%s: %d labels: want %d, one for each row of logits", path, len(x.Data), z.Rows())
	}
	labels := make([]int, len(x.Data))
	for i, v := range x.Data {
		if v != math.Trunc(v) || !(v >= 0 && v < float64(z.Classes)) {
			return nil, fmt.Errorf("%s: label %d is %v: want a whole number from 0 to %d", path, i, v, z.Classes-1)
		}
		labels[i] = int(v)
	}
	return labels, nil
}

// parsePrior reads class frequencies, which sum to 1 but for rounding.
func parsePrior(flag, text string, classes int) ([]float64, error) {
	fields := strings.Split(text, ",")
	if len(fields) != classes {
		return nil, badInputf("%s %s: %d numbers: want %d, one for each class", flag, text, len(fields), classes)
	}
	prior := make([]float64, classes)
	var sum float64
	for k, field := range fields {
		v, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
		if err != nil || !(v >= 0 && v <= 1) {
			return nil, badInputf("%s: %q: want a number from 0 to 1", flag, field)
		}
		prior[k] = v
		sum += v
	}
	if math.Abs(sum-1) > 0.01 {
		return nil, badInputf("%s %s: they sum to %.4g: want 1", flag, text, sum)
	}
	for k := range prior {
		prior[k] /= sum
	}
	return prior, nil
}

// frequencies are the true ones, or nil without labels.
func (in *shiftInput) frequencies() []float64 {
	if in.labels == nil {
		return nil
	}
	f, err := shift.Frequencies(in.labels, len(in.classes))
	if err != nil {
		return nil
	}
	return f
}
