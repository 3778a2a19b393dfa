package modelfile

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Save writes the model to the folder at path, which it makes if need be, or
// to a zip file if path ends in .zip. The same model always gives the same
// bytes.
//
// A model that was at path before is replaced all or nothing. In a folder that
// takes three steps: the new weights are written under a name that holds their
// hash; model.json, which names that hash, is replaced, and from then on the
// model is the new one; the weights take their usual name. Whichever step a
// crash falls on, [Load] finds the weights that model.json asks for.
func (m *Model) Save(path string) error {
	if err := m.Validate(); err != nil {
		return err
	}
	architecture, err := m.Architecture()
	if err != nil {
		return fmt.Errorf("model: %w", err)
	}
	weights := Tensors(m.Net)
	hash := sha256.New()
	if err := WriteSafetensors(hash, nil, weights); err != nil {
		return err
	}
	d := description{
		Format: formatName, Version: formatVersion, Architecture: architecture,
		Input: m.Input, Classes: m.Classes, Preprocess: m.Preprocess, Priors: m.Priors, Training: m.Training,
		WeightsSHA256: hex.EncodeToString(hash.Sum(nil)),
	}
	text, err := marshal(d)
	if err != nil {
		return fmt.Errorf("model: %w", err)
	}
	writeWeights := func(w io.Writer) error { return WriteSafetensors(w, nil, weights) }
	if strings.HasSuffix(path, ".zip") {
		return saveZip(path, text, writeWeights)
	}
	return saveFolder(path, text, d.WeightsSHA256, writeWeights)
}

// marshal returns d as indented JSON, with lists of numbers on one line each.
func marshal(d description) ([]byte, error) {
	if d.Classes == nil {
		d.Classes = []string{}
	}
	var b bytes.Buffer
	encode := json.NewEncoder(&b)
	encode.SetEscapeHTML(false)
	encode.SetIndent("", "  ")
	if err := encode.Encode(d); err != nil {
		return nil, err
	}
	// Texts hold no line breaks, so that only lists match.
	numbers := regexp.MustCompile(`\[\n[-+.0-9eE,\s]+\n\s*\]`)
	return numbers.ReplaceAllFunc(b.Bytes(), func(list []byte) []byte {
		return append(append([]byte("["), bytes.Join(bytes.Fields(list[1:len(list)-1]), []byte(" "))...), ']')
	}), nil
}

// Tensors returns the parameters and buffers of a network by path, as they
// stand in weights.safetensors. They share the network's memory.
func Tensors(net nn.Layer[float32]) map[string]*tensor.Tensor[float32] {
	tensors := map[string]*tensor.Tensor[float32]{}
	for path, p := range nn.Params[float32](net) {
		tensors[path] = p.Value
	}
	for path, b := range nn.Buffers[float32](net) {
		tensors[path] = b.Value
	}
	return tensors
}

// hashedName is what weights are called until they are the model's.
func hashedName(hash string) string { return "weights-" + hash[:16] + ".safetensors" }

func saveFolder(folder string, text []byte, hash string, writeWeights func(io.Writer) error) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	if err := syncFolder(filepath.Dir(folder)); err != nil {
		return err
	}
	fresh := filepath.Join(folder, hashedName(hash))
	if err := WriteFile(fresh, writeWeights); err != nil {
		return err
	}
	err := WriteFile(filepath.Join(folder, descriptionName), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	if err != nil {
		return err
	}
	if err := os.Rename(fresh, filepath.Join(folder, weightsName)); err != nil {
		return err
	}
	if err := removeLeftovers(folder, `(weights-[0-9a-f]{16}\.safetensors|\.(weights-[0-9a-f]{16}\.safetensors|model\.json)\.[0-9]+\.tmp)`); err != nil {
		return err
	}
	return syncFolder(folder)
}

// removeLeftovers removes from a folder the files whose names match: what a
// save that was killed left behind.
func removeLeftovers(folder, pattern string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	leftover := regexp.MustCompile("^" + pattern + "$")
	for _, entry := range entries {
		if !leftover.MatchString(entry.Name()) {
			continue
		}
		if err := os.Remove(filepath.Join(folder, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// saveZip stores the weights uncompressed: they would hardly shrink, and other
// tools can then map them.
func saveZip(path string, text []byte, writeWeights func(io.Writer) error) error {
	folder, name := filepath.Split(filepath.Clean(path))
	if folder == "" {
		folder = "."
	}
	if err := removeLeftovers(folder, `\.`+regexp.QuoteMeta(name)+`\.[0-9]+\.tmp`); err != nil {
		return err
	}
	return WriteFile(path, func(w io.Writer) error {
		z := zip.NewWriter(w)
		f, err := z.CreateHeader(&zip.FileHeader{Name: descriptionName, Method: zip.Deflate})
		if err != nil {
			return err
		}
		if _, err := f.Write(text); err != nil {
			return err
		}
		if f, err = z.CreateHeader(&zip.FileHeader{Name: weightsName, Method: zip.Store}); err != nil {
			return err
		}
		if err := writeWeights(f); err != nil {
			return err
		}
		return z.Close()
	})
}
