package train

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"

	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/tensor"
)

// A checkpoint is one safetensors file. Its tensors are the network's under
// "model/", the optimiser's under "optimizer/" and the best epoch's under
// "best/"; the rest, the kind of run's state S among it, is JSON in its
// metadata. The metadata's sha256 is that of the file as it would be without it.
const (
	checkpointFormat = "gradus-checkpoint 1"
	modelPrefix      = "model/"
	optimizerPrefix  = "optimizer/"
	bestPrefix       = "best/"
)

type checkpoint[S any] struct {
	State       S       `json:"state"`
	Fingerprint []field `json:"fingerprint"`

	tensors map[string]*tensor.Tensor[float32]
}

// write writes the checkpoint to path, all or nothing.
func (c *checkpoint[S]) write(path string) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	metadata := map[string]string{"format": checkpointFormat, "checkpoint": string(text)}
	hash := sha256.New()
	if err := modelfile.WriteSafetensors(hash, metadata, c.tensors); err != nil {
		return err
	}
	metadata["sha256"] = hex.EncodeToString(hash.Sum(nil))
	return modelfile.WriteFile(path, func(w io.Writer) error {
		return modelfile.WriteSafetensors(w, metadata, c.tensors)
	})
}

// readCheckpoint reads a checkpoint and finds any damage.
func readCheckpoint[S any](path string) (*checkpoint[S], error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return parseCheckpoint[S](path, f, info.Size())
}

func parseCheckpoint[S any](path string, r io.ReaderAt, size int64) (*checkpoint[S], error) {
	file, err := modelfile.ReadSafetensors(path, r, size)
	if err != nil {
		return nil, err
	}
	fail := func(got, want string) error {
		return &modelfile.FormatError{File: path, Offset: -1, Got: got, Want: want}
	}
	if format := file.Metadata["format"]; format != checkpointFormat {
		return nil, fail(fmt.Sprintf("format %q", format), checkpointFormat)
	}
	c := &checkpoint[S]{tensors: map[string]*tensor.Tensor[float32]{}}
	for _, e := range file.Entries {
		x := tensor.New[float32](e.Shape...)
		if err := file.ReadTo(x.Data, e); err != nil {
			return nil, err
		}
		c.tensors[e.Name] = x
	}
	metadata := maps.Clone(file.Metadata)
	delete(metadata, "sha256")
	hash := sha256.New()
	if err := modelfile.WriteSafetensors(hash, metadata, c.tensors); err != nil {
		return nil, err
	}
	if sum := hex.EncodeToString(hash.Sum(nil)); sum != file.Metadata["sha256"] {
		return nil, fail("content of SHA-256 "+sum, file.Metadata["sha256"])
	}
	decode := json.NewDecoder(bytes.NewReader([]byte(metadata["checkpoint"])))
	decode.DisallowUnknownFields()
	if err := decode.Decode(c); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// under returns the tensors whose names begin with a prefix, without it.
func (c *checkpoint[S]) under(prefix string) map[string]*tensor.Tensor[float32] {
	found := map[string]*tensor.Tensor[float32]{}
	for name, x := range c.tensors {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			found[rest] = x
		}
	}
	return found
}

// snapshot returns the run as a checkpoint that shares its arrays.
func (r *run) snapshot() (*checkpoint[state], error) {
	random, err := r.pcg.MarshalBinary()
	if err != nil {
		return nil, err
	}
	c := &checkpoint[state]{State: r.state, Fingerprint: r.fingerprint, tensors: map[string]*tensor.Tensor[float32]{}}
	c.State.Random = random
	for name, x := range r.weights {
		c.tensors[modelPrefix+name] = x
	}
	for name, x := range r.bestWeights {
		c.tensors[bestPrefix+name] = x
	}
	for name, x := range r.optimizer.State() {
		c.tensors[optimizerPrefix+name] = tensor.From(x, len(x))
	}
	return c, nil
}

// restore takes the run to where the checkpoint was written. The fingerprints
// have been compared, so that what does not fit is a fault of the file.
func (r *run) restore(path string, c *checkpoint[state]) error {
	if err := c.State.check(r.loader.Len()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	slots := map[string][]float32{}
	for name, x := range c.under(optimizerPrefix) {
		slots[name] = x.Data
	}
	weights, bestWeights := c.under(modelPrefix), c.under(bestPrefix)
	if err := sameTensors(path, weights, r.weights); err != nil {
		return err
	}
	if r.config.KeepBest && c.State.Best != nil {
		if err := sameTensors(path, bestWeights, r.weights); err != nil {
			return err
		}
		r.bestWeights = bestWeights
	}
	if err := r.pcg.UnmarshalBinary(c.State.Random); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := r.optimizer.Restore(c.State.Step, slots); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	copyWeights(r.weights, weights)
	samples := r.History.Steps
	r.state = c.State
	r.History.Steps = append(samples, r.History.Steps...)
	r.first, r.earlier = r.Step, r.Elapsed
	return nil
}

// sameTensors refuses tensors that are not exactly those wanted.
func sameTensors(path string, got, want map[string]*tensor.Tensor[float32]) error {
	for name, x := range want {
		if y, ok := got[name]; !ok || len(y.Data) != len(x.Data) {
			return &modelfile.FormatError{File: path, Offset: -1, Tensor: name, Got: "no such tensor", Want: fmt.Sprintf("one of %d elements", len(x.Data))}
		}
	}
	if len(got) != len(want) {
		return &modelfile.FormatError{File: path, Offset: -1, Got: fmt.Sprintf("%d tensors of the model", len(got)), Want: fmt.Sprint(len(want))}
	}
	return nil
}
