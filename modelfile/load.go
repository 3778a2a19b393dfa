package modelfile

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Load reads the model in the folder or zip file at path. Files that do not
// hold exactly one model are refused: a [*FormatError] or [*UnsupportedError]
// names the file and the field or tensor. Networks may use the layers of
// package nn and of the given kinds, of which it takes one value each.
func Load(path string, kinds ...nn.Layer[float32]) (*Model, error) {
	c, err := openContainer(path)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return load(c, kinds)
}

func load(c container, kinds []nn.Layer[float32]) (*Model, error) {
	f, err := c.open(descriptionName)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if f.size > maxDescription {
		return nil, &FormatError{File: f.name, Offset: -1, Got: fmt.Sprintf("%d bytes", f.size), Want: fmt.Sprintf("at most %d", maxDescription)}
	}
	text, err := io.ReadAll(io.NewSectionReader(f, 0, f.size))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name, err)
	}
	d, err := parseDescription(f.name, text)
	if err != nil {
		return nil, err
	}
	w, err := openWeights(c, f.name, d.WeightsSHA256)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	return assemble(f.name, d, w, kinds)
}

// openWeights opens the weights of the given hash: under their usual name or,
// where a save was cut short, under the name that holds the hash.
func openWeights(c container, description, hash string) (*member, error) {
	want, err := hex.DecodeString(hash)
	if err != nil || (hash != "" && len(want) != sha256.Size) {
		return nil, &FormatError{File: description, Offset: -1, Field: "weights_sha256", Got: fmt.Sprintf("%q", hash), Want: fmt.Sprintf("%d hexadecimal digits", 2*sha256.Size)}
	}
	names := []string{weightsName}
	if hash != "" {
		names = append(names, hashedName(strings.ToLower(hash)))
	}
	var refused error
	for _, name := range names {
		w, err := c.open(name)
		if errors.Is(err, fs.ErrNotExist) {
			if refused == nil {
				refused = err
			}
			continue
		} else if err != nil {
			return nil, err
		}
		if hash == "" {
			return w, nil
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, io.NewSectionReader(w, 0, w.size)); err != nil {
			w.Close()
			return nil, fmt.Errorf("%s: %w", w.name, err)
		}
		if slices.Equal(sum.Sum(nil), want) {
			return w, nil
		}
		refused = &FormatError{File: w.name, Offset: -1, Got: fmt.Sprintf("weights of SHA-256 %x", sum.Sum(nil)), Want: fmt.Sprintf("%x, as in %s", want, descriptionName)}
		w.Close()
	}
	return nil, refused
}

// assemble builds the network that d describes and fills it from w.
func assemble(file string, d *description, w *member, kinds []nn.Layer[float32]) (*Model, error) {
	weights, err := ReadSafetensors(w.name, w, w.size)
	if err != nil {
		return nil, err
	}
	elements := 0
	for _, e := range weights.Entries {
		elements += tensor.Size(e.Shape)
	}
	// The description takes no more memory than its weights do, and a little
	// more, so that a missing tensor is called by its name.
	builder := nn.Builder[float32]{Kinds: append(nn.Kinds[float32](), kinds...), MaxElements: min(nn.MaxElements, 2*elements+1<<16)}
	net, err := builder.Build(d.Architecture)
	if err != nil {
		return nil, fmt.Errorf("%s: architecture: %w", file, err)
	}
	if err := fill(net, weights); err != nil {
		return nil, err
	}
	if err := nn.CheckNorms[float32](net); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	m := &Model{Net: net, Input: d.Input, Classes: d.Classes, Preprocess: d.Preprocess, Priors: d.Priors, Training: d.Training}
	if err := m.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return m, nil
}

// fill reads the weights into the network; each tensor must have its place and
// each place its tensor.
func fill(net nn.Layer[float32], weights *Safetensors) error {
	places := Tensors(net)
	for _, e := range weights.Entries {
		place, ok := places[e.Name]
		if !ok {
			return &FormatError{File: weights.file, Offset: e.Offset, Tensor: e.Name, Got: "a tensor that the architecture has no place for", Want: "none"}
		}
		if !slices.Equal(place.Shape, e.Shape) {
			return &FormatError{File: weights.file, Offset: e.Offset, Tensor: e.Name, Field: "shape", Got: fmt.Sprint(e.Shape), Want: fmt.Sprintf("%v, as in the architecture", place.Shape)}
		}
		if err := weights.ReadTo(place.Data, e); err != nil {
			return err
		}
		delete(places, e.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(places)) {
		return &FormatError{File: weights.file, Offset: -1, Tensor: name, Got: "no such tensor", Want: fmt.Sprintf("one of shape %v, as in the architecture", places[name].Shape)}
	}
	return nil
}
