package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/train"
)

// curve draws loss and accuracy over epochs: each sampled step faintly, epochs
// in full, and the held-out result as the last point.
func curve(r *trainingRun, h train.History, held *train.Metrics) report.Figure {
	last := h.Epochs[len(h.Epochs)-1]
	perEpoch := float64(last.Step) / float64(last.Epoch)
	quantities := []struct {
		label  string
		legend report.Corner
		of     func(train.Score) float64
	}{
		{"loss (nats)", report.TopRight, func(s train.Score) float64 { return s.Loss }},
		{"accuracy (%)", report.BottomRight, func(s train.Score) float64 { return 100 * s.Accuracy }},
	}
	figure := report.Figure{Title: fmt.Sprintf("%s on %s", r.flags.Model, r.test.Info().Name), X: "epoch"}
	for _, q := range quantities {
		steps, epochs, validation := report.Line{Name: "step", Faint: true}, report.Line{Name: "epoch", Markers: true}, report.Line{Name: "validation", Markers: true}
		for _, s := range h.Steps {
			steps.X, steps.Y = append(steps.X, float64(s.Step)/perEpoch), append(steps.Y, q.of(train.Score{Loss: s.Loss, Accuracy: s.Accuracy}))
		}
		for _, e := range h.Epochs {
			epochs.X, epochs.Y = append(epochs.X, float64(e.Epoch)), append(epochs.Y, q.of(e.Train))
			if e.Validation != nil {
				validation.X, validation.Y = append(validation.X, float64(e.Epoch)), append(validation.Y, q.of(*e.Validation))
			}
		}
		lines := []report.Line{steps, epochs}
		if len(validation.X) > 0 {
			lines = append(lines, validation)
		}
		lines = append(lines, report.Line{Name: "held out", Markers: true, X: []float64{float64(last.Epoch)}, Y: []float64{q.of(held.Score())}})
		figure.Panels = append(figure.Panels, report.Panel{Y: q.label, Legend: q.legend, Lines: lines})
	}
	return figure
}

// savePicture draws a picture into a file, all or nothing.
func savePicture(path string, f report.Picture) error {
	return modelfile.WriteFile(path, func(w io.Writer) error {
		return f.Write(w, strings.ToLower(strings.TrimPrefix(filepath.Ext(path), ".")))
	})
}

// writeJSON writes v, indented, as the whole of a file.
func writeJSON(path string, v any) error {
	return modelfile.WriteFile(path, func(w io.Writer) error {
		encode := json.NewEncoder(w)
		encode.SetIndent("", "  ")
		return encode.Encode(v)
	})
}
