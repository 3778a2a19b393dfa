package modelfile_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// newModel returns a small classifier with parameters, buffers and
// preprocessing.
func newModel(t testing.TB, seed uint64) *modelfile.Model {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	norm := nn.NewBatchNorm[float32](4)
	tensor.Uniform(norm.RunningMean.Value, rng, -1, 1)
	return &modelfile.Model{
		Net: nn.Sequential[float32]{
			nn.Flatten[float32]{}, nn.NewLinear[float32](12, 4, rng), norm, nn.ReLU[float32]{}, nn.NewLinear[float32](4, 3, rng),
		},
		Input:      []int{3, 2, 2},
		Classes:    []string{"cat", "<dog>", "zebrå"},
		Preprocess: modelfile.Preprocess{Mean: []float32{0.1, 0.2, 0.3}, Std: []float32{1, 2, 3}},
		Priors:     []float64{0.25, 0.25, 0.5},
		Training:   modelfile.Training{Data: "toys", Steps: 7, Seed: 1 << 60, Metrics: map[string]float64{"accuracy": 0.5}},
	}
}

// logits returns what a model makes of one fixed batch.
func logits(t testing.TB, m *modelfile.Model) []float32 {
	t.Helper()
	x := tensor.New[float32](append([]int{5}, m.Input...)...)
	tensor.Uniform(x, rand.New(rand.NewPCG(9, 9)), 0, 1)
	p, err := m.NewPredictor()
	if err != nil {
		t.Fatal(err)
	}
	y, err := p.Logits(x)
	if err != nil {
		t.Fatal(err)
	}
	return y.Clone().Data
}

// sameModel fails unless got is want to the last bit.
func sameModel(t testing.TB, got, want *modelfile.Model) {
	t.Helper()
	a, b := *got, *want
	a.Net, b.Net = nil, nil
	if d := cmp.Diff(b, a); d != "" {
		t.Fatalf("model (-want +got):\n%s", d)
	}
	if d := cmp.Diff(modelfile.Tensors(want.Net), modelfile.Tensors(got.Net)); d != "" {
		t.Fatalf("weights (-want +got):\n%s", d)
	}
	if d := cmp.Diff(logits(t, want), logits(t, got)); d != "" {
		t.Fatalf("logits (-want +got):\n%s", d)
	}
}

func ExampleModel_Save() {
	folder, err := os.MkdirTemp("", "gradus")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)

	model := &modelfile.Model{
		Net:     nn.Sequential[float32]{nn.NewLinear[float32](2, 2, rand.New(rand.NewPCG(1, 1)))},
		Input:   []int{2},
		Classes: []string{"no", "yes"},
	}
	path := filepath.Join(folder, "model.zip")
	if err := model.Save(path); err != nil {
		panic(err)
	}
	loaded, err := modelfile.Load(path)
	if err != nil {
		panic(err)
	}
	predictor, err := loaded.NewPredictor()
	if err != nil {
		panic(err)
	}
	p, err := predictor.Probabilities(tensor.From([]float32{0, 0, 10, -10}, 2, 2))
	fmt.Println(loaded.Classes, p.Shape, err)
	// Output: [no yes] [2 2] <nil>
}

func TestSavingAndLoading(t *testing.T) {
	for _, name := range []string{"digits", "digits.zip"} {
		path := filepath.Join(t.TempDir(), name)
		for seed := range uint64(2) { // the second replaces the first
			want := newModel(t, seed)
			if err := want.Save(path); err != nil {
				t.Fatal(err)
			}
			got, err := modelfile.Load(path)
			if err != nil {
				t.Fatal(err)
			}
			sameModel(t, got, want)
		}
	}
}

func TestFolderHoldsTwoFiles(t *testing.T) {
	path := t.TempDir()
	for _, leftover := range []string{".model.json.123.tmp", "weights-0123456789abcdef.safetensors", ".weights-0123456789abcdef.safetensors.9.tmp"} {
		if err := os.WriteFile(filepath.Join(path, leftover), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := newModel(t, 1).Save(path); err != nil {
		t.Fatal(err)
	}
	first := contents(t, path)
	if len(first) != 2 || first["model.json"] == "" || first["weights.safetensors"] == "" {
		t.Fatalf("got %d files, want model.json and weights.safetensors", len(first))
	}
	if err := newModel(t, 1).Save(path); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(first, contents(t, path)); d != "" {
		t.Fatalf("the same model saved again gives other bytes:\n%s", d)
	}
}

// TestCutSave builds every state in which a crash can leave a folder.
func TestCutSave(t *testing.T) {
	before, after := newModel(t, 1), newModel(t, 2)
	oldFolder, newFolder := t.TempDir(), t.TempDir()
	if err := before.Save(oldFolder); err != nil {
		t.Fatal(err)
	}
	if err := after.Save(newFolder); err != nil {
		t.Fatal(err)
	}
	oldFiles, newFiles := contents(t, oldFolder), contents(t, newFolder)
	_, hash, _ := strings.Cut(newFiles["model.json"], `"weights_sha256": "`)
	hashed := "weights-" + hash[:16] + ".safetensors"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  *modelfile.Model
	}{
		{"new weights written", map[string]string{"model.json": oldFiles["model.json"], "weights.safetensors": oldFiles["weights.safetensors"], hashed: newFiles["weights.safetensors"]}, before},
		{"description replaced", map[string]string{"model.json": newFiles["model.json"], "weights.safetensors": oldFiles["weights.safetensors"], hashed: newFiles["weights.safetensors"]}, after},
		{"description of a first save", map[string]string{"model.json": newFiles["model.json"], hashed: newFiles["weights.safetensors"]}, after},
		{"weights renamed", newFiles, after},
	} {
		folder := t.TempDir()
		for name, text := range c.files {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		got, err := modelfile.Load(folder)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		sameModel(t, got, c.want)
		if err := before.Save(folder); err != nil { // what was cut short is no obstacle
			t.Fatal(err)
		}
		if got := contents(t, folder); !cmp.Equal(got, oldFiles) {
			t.Fatalf("%s: after another save: %d files, want the two of a fresh one", c.name, len(got))
		}
	}
	mixed := t.TempDir()
	for name, text := range map[string]string{"model.json": newFiles["model.json"], "weights.safetensors": oldFiles["weights.safetensors"]} {
		if err := os.WriteFile(filepath.Join(mixed, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := modelfile.Load(mixed); err == nil || !strings.Contains(err.Error(), "got weights of SHA-256") {
		t.Fatalf("the weights of another model: got %v, want a refusal by their hash", err)
	}
}

// TestLoadRefuses changes one thing in a good model each time.
func TestLoadRefuses(t *testing.T) {
	m := newModel(t, 1)
	good := t.TempDir()
	if err := m.Save(good); err != nil {
		t.Fatal(err)
	}
	files := contents(t, good)
	start := strings.Index(files["model.json"], `"weights_sha256"`)
	text := files["model.json"][:start] + `"weights_sha256": ""` + "\n}\n" // any weights will do
	weights := func(change func(map[string]*tensor.Tensor[float32])) string {
		all := modelfile.Tensors(newModel(t, 1).Net)
		change(all)
		var b bytes.Buffer
		if err := modelfile.WriteSafetensors(&b, nil, all); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	swap := func(old, new string) string {
		if strings.Count(text, old) != 1 {
			t.Fatalf("%s stands %d times in model.json", old, strings.Count(text, old))
		}
		return strings.Replace(text, old, new, 1)
	}
	for _, c := range []struct{ name, description, weights, want string }{
		{"no JSON", "weights", "", `model.json: byte 1: got invalid character 'w' looking for beginning of value, want JSON`},
		{"cut", text[:len(text)/2], "", `want the rest of its JSON object`},
		{"a list", "[]", "", `model.json: byte 1: got [, want a JSON object`},
		{"two objects", text + "{}", "", `got { after the object, want the end of the file`},
		{"another format", swap(`"gradus-model"`, `"onnx"`), "", `model.json: format: got "onnx", want "gradus-model"`},
		{"a later version", swap(`"version": 1`, `"version": 2, "new": 3`), "", `model.json: version 2 of the format is not supported, want 1`},
		{"an unknown field", swap(`"version": 1`, `"version": 1, "new": 3`), "", `model.json: byte 51: new: got an unknown field, want one of [format version`},
		{"a key twice", swap(`"version": 1`, `"version": 1, "version": 1`), "", `version: got the key again, want each key once`},
		{"a key in capitals", swap(`"version": 1`, `"Version": 1`), "", `Version: got an unknown field`},
		{"an inner field", swap(`"data": "toys"`, `"date": "toys"`), "", `model.json: json: unknown field "date"`},
		{"a wrong type", swap(`"steps": 7`, `"steps": "7"`), "", `training.steps: got a JSON string, want int`},
		{"an unknown layer", swap(`"relu"`, `"rely"`), "", `model.json: architecture: 3: unknown kind of layer "rely"`},
		{"priors that do not sum", swap("0.25, 0.5]", "0.25, 0.6]"), "", `model.json: model: priors that sum to 1.1: want 1`},
		{"a hash that is none", swap(`"weights_sha256": ""`, `"weights_sha256": "12"`), "", `model.json: weights_sha256: got "12", want 64 hexadecimal digits`},
		{"missing tensor", text, weights(func(w map[string]*tensor.Tensor[float32]) { delete(w, "2.running_mean") }), `weights.safetensors: tensor "2.running_mean": got no such tensor, want one of shape [4], as in the architecture`},
		{"extra tensor", text, weights(func(w map[string]*tensor.Tensor[float32]) { w["5.bias"] = tensor.New[float32](1) }), `tensor "5.bias": got a tensor that the architecture has no place for, want none`},
		{"transposed tensor", text, weights(func(w map[string]*tensor.Tensor[float32]) { w["4.weight"] = w["4.weight"].Reshape(4, 3) }), `tensor "4.weight": shape: got [4 3], want [3 4], as in the architecture`},
		{"damaged weights", text, "12345678", `weights.safetensors: byte 0: got a header of 4050765991979987505 bytes`},
	} {
		folder := t.TempDir()
		if c.weights == "" {
			c.weights = files["weights.safetensors"]
		}
		for name, text := range map[string]string{"model.json": c.description, "weights.safetensors": c.weights} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		_, err := modelfile.Load(folder)
		if err == nil {
			t.Errorf("%s: accepted", c.name)
		} else if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), folder) {
			t.Errorf("%s:\n got %s\nwant %s", c.name, err, c.want)
		}
	}
	for _, missing := range []string{"model.json", "weights.safetensors"} {
		folder := t.TempDir()
		for name, text := range files {
			if name != missing {
				if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, err := modelfile.Load(folder); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), missing) {
			t.Errorf("without %s: got %v", missing, err)
		}
	}
}

func TestZipsOfOthers(t *testing.T) {
	m := newModel(t, 3)
	folder := t.TempDir()
	if err := m.Save(folder); err != nil {
		t.Fatal(err)
	}
	files := contents(t, folder)
	for _, c := range []struct {
		name    string
		method  uint16
		entries []string
		zeros   int
		want    string // of the error; empty for none
	}{
		{"compressed", zip.Deflate, []string{"weights.safetensors", "notes.txt", "model.json"}, 0, ""},
		{"stored", zip.Store, []string{"weights.safetensors", "model.json"}, 0, ""},
		{"twice", zip.Store, []string{"weights.safetensors", "model.json", "model.json"}, 0, "model.json: got two files of this name, want one"},
		{"no weights", zip.Store, []string{"model.json"}, 0, "file does not exist"},
		{"a bomb", zip.Deflate, []string{"weights.safetensors", "model.json"}, 8 << 20, "want at most"},
	} {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, name := range c.entries {
			w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: c.method})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(append([]byte(files[name]), make([]byte, c.zeros)...)); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "m.zip")
		if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		got, err := modelfile.Load(path)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want == "":
			sameModel(t, got, m)
		case err == nil || !strings.Contains(err.Error(), c.want):
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
	path := filepath.Join(t.TempDir(), "m.zip")
	if err := os.WriteFile(path, []byte("no zip"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := modelfile.Load(path); err == nil || !strings.Contains(err.Error(), "want a model: a folder or a zip file") {
		t.Errorf("text: got %v", err)
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		want   string
		change func(m *modelfile.Model)
	}{
		{"no network", func(m *modelfile.Model) { m.Net = nil }},
		{"no input shape", func(m *modelfile.Model) { m.Input = nil }},
		{"want positive sizes", func(m *modelfile.Model) { m.Input = []int{3, 0, 2} }},
		{"model: layer 1: linear", func(m *modelfile.Model) { m.Input = []int{3, 2, 3} }},
		{"an output of shape [3] for 2 classes: want [2]", func(m *modelfile.Model) { m.Classes = m.Classes[:2] }},
		{"3 means and 1 standard deviations", func(m *modelfile.Model) { m.Preprocess.Std = []float32{1} }},
		{"2 means for examples of shape [3 2 2]: want 1, 3 or 12", func(m *modelfile.Model) {
			m.Preprocess = modelfile.Preprocess{Mean: []float32{1, 2}, Std: []float32{1, 2}}
		}},
		{"a standard deviation of 0", func(m *modelfile.Model) { m.Preprocess.Std[1] = 0 }},
		{"a mean of NaN", func(m *modelfile.Model) { m.Preprocess.Mean[1] = float32(math.NaN()) }},
		{"2 priors for 3 classes", func(m *modelfile.Model) { m.Priors = m.Priors[:2] }},
		{`prior -1 of class "cat"`, func(m *modelfile.Model) { m.Priors[0] = -1 }},
	} {
		m := newModel(t, 1)
		c.change(m)
		if err := m.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
		if err := m.Save(t.TempDir()); err == nil {
			t.Errorf("%s: saved", c.want)
		}
	}
}
