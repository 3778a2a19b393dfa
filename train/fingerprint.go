package train

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
)

// field is one part of what decides the course of training.
type field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// fingerprint lists what must be the same for a checkpoint to be continued:
// the model, the data, the step and the loss. Limits, patience, checkpoints
// and observers may change.
func fingerprint(r *run) ([]field, error) {
	fields, err := describeNet(r.model)
	if err != nil {
		return nil, err
	}
	c := &r.config
	fields = append(fields, []field{
		{"batch size", fmt.Sprint(c.BatchSize)},
		{"shuffling", fmt.Sprint(c.Shuffle)},
		{"dropping of the last batch", fmt.Sprint(c.DropLast)},
		{"augmentation", describe(c.Augment)},
		{"seed", fmt.Sprint(c.Seed)},
		{"label smoothing", fmt.Sprint(c.LabelSmoothing)},
		{"class weights", fmt.Sprint(c.ClassWeights)},
		{"monitored quantity", c.Monitor.String()},
		{"least improvement", fmt.Sprint(c.MinDelta)},
		{"keeping of the best", fmt.Sprint(c.KeepBest)},
		{"step", describe(c.Step)},
	}...)
	if c.Adversarial != nil {
		fields = append(fields, field{"adversarial training", describe(*c.Adversarial)})
	}
	for _, g := range c.Groups {
		var held []string
		if g.Where != nil {
			for path, p := range nn.Params[float32](r.model.Net) {
				if g.Where(path, p) {
					held = append(held, path)
				}
			}
		}
		fields = append(fields, field{"parameter group", fmt.Sprintf("%q %v %s", g.Match, held, describe(g.Step))})
	}
	for _, s := range []struct {
		name   string
		source dataset.Source
	}{{"training data", r.loader.Source}, {"validation data", r.validation}} {
		value, err := describeSource(s.source)
		if err != nil {
			return nil, err
		}
		fields = append(fields, field{s.name, value})
	}
	return fields, nil
}

// describeNet lists what of a model must be the same.
func describeNet(model *modelfile.Model) ([]field, error) {
	architecture, err := model.Architecture()
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	layers, err := json.Marshal(architecture)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	var frozen []string
	for path, p := range nn.Params[float32](model.Net) {
		if p.Frozen {
			frozen = append(frozen, path)
		}
	}
	return []field{
		{"architecture", string(layers)},
		{"frozen parameters", fmt.Sprint(frozen)},
		{"preprocessing", describe(model.Preprocess)},
	}, nil
}

// sampled is how many examples stand for a source's content.
const sampled = 32

// describeSource gives size, shape, classes and the hash of some examples.
func describeSource(source dataset.Source) (string, error) {
	if source == nil {
		return "none", nil
	}
	info, n := source.Info(), source.Len()
	hash, x := sha256.New(), make([]float32, info.Size())
	var buffer []byte
	for k := range min(sampled, n) {
		i := k * n / min(sampled, n)
		label, err := source.Read(i, x)
		if err != nil {
			return "", &dataset.ExampleError{Source: info.Name, Index: i, Err: err}
		}
		buffer = binary.LittleEndian.AppendUint64(buffer[:0], uint64(label))
		for _, v := range x {
			buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(v))
		}
		hash.Write(buffer)
	}
	return fmt.Sprintf("%d examples of shape %v and classes %q, sample %x", n, info.Shape, info.Classes, hash.Sum(nil)[:8]), nil
}

// compare returns the first difference between a checkpoint's fingerprint and
// this run's.
func compare(path string, got, want []field) error {
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			return &MismatchError{path, want[i].Name, "none", want[i].Value}
		case i >= len(want):
			return &MismatchError{path, got[i].Name, got[i].Value, "none"}
		case got[i].Name != want[i].Name:
			// A group more or less moves what comes after it.
			if slices.Contains(got, want[i]) {
				return &MismatchError{path, got[i].Name, got[i].Value, "none"}
			}
			return &MismatchError{path, want[i].Name, "none", want[i].Value}
		case got[i].Value != want[i].Value:
			return &MismatchError{path, got[i].Name, got[i].Value, want[i].Value}
		}
	}
	return nil
}
