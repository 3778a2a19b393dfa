package main

import (
	"fmt"
	"strconv"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/train"
)

// trained is what a run came to.
type trained struct {
	run      *trainingRun
	history  train.History
	metrics  *train.Metrics
	attacked *train.Metrics // nil: not trained against attacks
	seconds  float64
}

// page is the report.
func (t trained) page() report.Page {
	r := t.run
	answers := &evaluation{metrics: t.metrics, name: r.test.Info().Name}
	training := report.Section{
		Title:    "Training",
		Text:     fmt.Sprintf("%d examples of %s, %.1f s.", r.config.Train.Len(), r.config.Train.Info().Name, t.seconds),
		Pictures: []report.Captioned{{Picture: curve(r, t.history, t.metrics), Caption: "Loss and accuracy: each sampled step faintly, the mean of each epoch, and the result on examples held out."}},
		Tables:   []report.Table{t.epochs()},
	}
	if r.pruned != nil {
		training.Text += "\n\n" + r.pruned.String() + "."
	}
	if t.attacked != nil {
		training.Text += fmt.Sprintf("\n\nUnder attack, %v: accuracy %.2f%%, over %d examples.", r.config.Adversarial.Attack, 100*t.attacked.Accuracy, t.attacked.Examples)
	}
	page := report.Page{
		Title: fmt.Sprintf("Training %s on %s", r.flags.Model, r.config.Train.Info().Name), Verdict: answers.verdict(),
		Sections: []report.Section{training, answers.answers()},
		Made:     []report.Fact{{Name: "model", Value: r.folder}, {Name: "seed", Value: strconv.FormatUint(r.flags.Seed, 10)}},
	}
	if summary, err := nn.Summary[float32](r.model.Net, r.model.Input); err == nil {
		page.Sections = append(page.Sections, report.Section{Title: "Network", Code: summary.String()})
	}
	return page
}

// epochs is a row for each.
func (t trained) epochs() report.Table {
	table := report.Table{Header: []string{"epoch", "loss (nats)", "accuracy"}}
	for _, e := range t.history.Epochs {
		if e.Validation != nil {
			table.Header = []string{"epoch", "loss (nats)", "accuracy", "validation loss", "accuracy"}
		}
	}
	for _, e := range t.history.Epochs {
		row := []string{strconv.Itoa(e.Epoch), fmt.Sprintf("%.4f", e.Train.Loss), fmt.Sprintf("%.2f%%", 100*e.Train.Accuracy)}
		if v := e.Validation; v != nil {
			row = append(row, fmt.Sprintf("%.4f", v.Loss), fmt.Sprintf("%.2f%%", 100*v.Accuracy))
		}
		for len(row) < len(table.Header) {
			row = append(row, "")
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}
