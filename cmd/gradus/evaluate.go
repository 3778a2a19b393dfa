package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/train"
)

type evaluateCommand struct {
	Model string `arg:"" help:"A model: the folder or zip file that gradus train wrote."`
	Data  string `default:"glyphs" help:"A name from gradus data list, a folder, or a file."`
	Split string `enum:"test,train" default:"test" help:"Which part: ${enum}. A single file is measured whole."`
	JSON  bool   `name:"json" help:"Print one JSON object."`
}

// Help is shown by gradus evaluate --help.
func (evaluateCommand) Help() string {
	return "Prints loss, accuracy, the recall and precision of each class and the confusion matrix.\n\nExample:\n  gradus evaluate digits --data mnist"
}

// Run measures the model on the data.
func (c *evaluateCommand) Run(ctx context.Context, term *terminal) error {
	model, err := openModel(c.Model)
	if err != nil {
		return err
	}
	source, err := openFor(model, term, c.Data, c.Split)
	if err != nil {
		return err
	}
	watched, measured := term.watch(source)
	m, err := train.Evaluate(ctx, model, watched)
	measured()
	if err != nil { // all is in memory: what fails is the model or an example
		return badInput(err)
	}
	if c.JSON {
		return json.NewEncoder(term.Out).Encode(struct {
			*train.Metrics
			Recall    []number `json:"recall"`
			Precision []number `json:"precision"`
		}{m, numbers(m.Recall()), numbers(m.Precision())})
	}
	fmt.Fprintf(term.Out, "%s on %s: accuracy %.2f%%, loss %.4f nats, over %d examples\n\n", c.Model, source.Info().Name, 100*m.Accuracy, m.Loss, m.Examples)
	printConfusion(term, m)
	return nil
}

// openFor opens a part, "test" or "train", of data with the model's classes. A
// file that is not divided is opened whole.
func openFor(model *modelfile.Model, term *terminal, path, part string) (dataset.Source, error) {
	split := dataset.Test
	if part == "train" {
		split = dataset.Train
	}
	opened := term.working(func() string { return "reading " + path })
	source, err := dataset.Open(path, split)
	var undivided *dataset.NoSplitError
	if errors.As(err, &undivided) {
		source, err = dataset.Open(path, dataset.Train)
	}
	opened()
	if err == nil {
		source, err = dataset.Relabel(source, model.Classes)
	}
	return source, badInput(err)
}

// printConfusion prints one row a class: recall, precision, and how often its
// examples were taken for each class.
func printConfusion(term *terminal, m *train.Metrics) {
	wide := 5
	for _, name := range m.Classes {
		wide = max(wide, len([]rune(name)))
	}
	short := min(wide, 6)
	fmt.Fprintf(term.Out, "%-*s  recall  precision   predicted as\n%-*s  %6s  %9s", wide, "class", wide, "", "", "")
	for _, name := range m.Classes {
		fmt.Fprintf(term.Out, " %*.*s", short, short, name)
	}
	fmt.Fprintln(term.Out)
	recall, precision := m.Recall(), m.Precision()
	for i, name := range m.Classes {
		fmt.Fprintf(term.Out, "%-*s  %6s  %9s", wide, name, percent(recall[i]), percent(precision[i]))
		for _, n := range m.Confusion[i] {
			if n == 0 {
				fmt.Fprintf(term.Out, " %*s", short, "·")
				continue
			}
			fmt.Fprintf(term.Out, " %*d", short, n)
		}
		fmt.Fprintln(term.Out)
	}
}

// percent leaves out what is not a number: the recall of a class without
// examples, the precision of one that is never predicted.
func percent(fraction float64) string {
	if math.IsNaN(fraction) {
		return "–"
	}
	return fmt.Sprintf("%.1f%%", 100*fraction)
}
