package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/vae"
)

type vaeCommand struct {
	Train       vaeTrain       `cmd:"" help:"Train an autoencoder and save it."`
	Sample      vaeSample      `cmd:"" help:"Draw examples that never were."`
	Reconstruct vaeReconstruct `cmd:"" help:"Put examples through the code and back."`
	Interpolate vaeInterpolate `cmd:"" help:"Walk between examples, or along units of the code."`
	Score       vaeScore       `cmd:"" help:"How unlikely is each example? Anomalies score high."`
	Ledger      vaeLedger      `cmd:"" help:"What the model pays, in nats, for code and for what the code leaves out."`
}

// vaeFile is a trained autoencoder.
type vaeFile struct {
	path    string
	file    *modelfile.Model
	net     *vae.Model[float32]
	trained vae.Objective // what it was trained on
}

// openVAE loads an autoencoder that gradus vae train saved. One whose flags are
// not beside it is taken to be trained on the bound itself.
func openVAE(path string) (*vaeFile, error) {
	file, err := modelfile.Load(path, &vae.Model[float32]{})
	if errors.Is(err, fs.ErrNotExist) {
		if _, unfinished := os.Stat(filepath.Join(path, vaeFlagsFile)); unfinished == nil {
			return nil, badInputf("%s: a run that is not finished, without a model yet: gradus vae train --resume %s goes on with it", path, shellWord(path))
		}
		return nil, badInput(fmt.Errorf("%s: no autoencoder: want a folder that gradus vae train wrote: %w", path, err))
	} else if err != nil {
		return nil, badInput(err)
	}
	net, ok := file.Net.(*vae.Model[float32])
	if !ok {
		return nil, badInputf("%s: a %s, no autoencoder: want a folder that gradus vae train wrote", path, kindOf(file))
	}
	m := &vaeFile{path: path, file: file, net: net, trained: vae.Plain()}
	if _, err := os.Stat(filepath.Join(path, vaeFlagsFile)); err == nil {
		var flags vaeFlags
		if err := readJSON(filepath.Join(path, vaeFlagsFile), &flags); err != nil {
			return nil, badInput(err)
		}
		if m.trained, err = flags.objective(); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(path, vaeFlagsFile), err)
		}
	}
	return m, nil
}

// name is the model's in a title.
func (m *vaeFile) name() string { return filepath.Base(m.path) }

// kindOf says in a word what a model is.
func kindOf(m *modelfile.Model) string {
	if len(m.Classes) > 0 {
		return "classifier"
	}
	return "network"
}

// examples are the flags that choose what a model is shown.
type examples struct {
	Data  string `default:"glyphs" help:"A name from gradus data list, a folder, or a file: IDX, CSV or NPY. Labels are not used."`
	Split string `enum:"test,train" default:"test" help:"Which part: ${enum}. A single file is taken whole."`
}

// open opens the examples, the first n of them if n is not 0, as the model
// takes them.
func (e examples) open(term *terminal, m *vaeFile, n int) (*vaeData, error) {
	if n < 0 {
		return nil, badInputf("--n %d: want at least 1, or 0 for all", n)
	}
	defer term.working(func() string { return "reading " + e.Data })()
	split := dataset.Test
	if e.Split == "train" {
		split = dataset.Train
	}
	source, err := openUnlabelled(e.Data, split)
	if err != nil {
		return nil, badInput(err)
	}
	if info := source.Info(); !slices.Equal(info.Shape, m.file.Input) {
		return nil, badInputf("%s: examples of shape %v: the model takes %v", info.Name, info.Shape, m.file.Input)
	}
	if n > 0 {
		source = dataset.First(source, n)
	}
	if source.Len() == 0 {
		return nil, badInputf("%s: no examples", e.Data)
	}
	return &vaeData{Source: m.file.Preprocess.Source(source), raw: source}, nil
}

// vaeData is what a model is shown: preprocessed, and as it was.
type vaeData struct {
	dataset.Source
	raw dataset.Source
}

// openUnlabelled opens a part of a data set, or a file as a whole, whose labels
// may be missing.
func openUnlabelled(path string, split dataset.Split) (dataset.Source, error) {
	if !isFile(path) {
		return dataset.Open(path, split)
	}
	p, err := readFile(path, anyLabel())
	if err != nil {
		return nil, err
	}
	shape := p.image
	if shape == nil {
		shape = p.x.Shape[1:]
	}
	if p.x.Shape[0] == 0 || tensor.Size(shape) == 0 {
		return nil, fmt.Errorf("%s: no examples", path)
	}
	return dataset.NewMemory(path, p.x.Reshape(append([]int{p.x.Shape[0]}, shape...)...), nil, nil)
}

// read returns examples first, first+1, … as a batch.
func (d *vaeData) read(first, n int) (*tensor.Tensor[float32], error) {
	x := tensor.New[float32](append([]int{n}, d.Info().Shape...)...)
	for i := range n {
		if _, err := d.Read(first+i, x.Row(i)); err != nil {
			return nil, badInput(fmt.Errorf("%s: example %d: %w", d.Info().Name, first+i, err))
		}
	}
	return x, nil
}
