package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gradus-ml/gradus/binarynet"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/vae"
)

// openModel loads a model, and tells a run that is not finished from a path
// that holds none.
func openModel(path string) (*modelfile.Model, error) {
	model, err := modelfile.Load(path, append(binarynet.Kinds(), &vae.Model[float32]{})...)
	if err == nil {
		if _, ok := model.Net.(*vae.Model[float32]); ok {
			return nil, badInputf("%s: an autoencoder, no classifier: gradus vae has the commands for it", path)
		}
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return model, badInput(err)
	}
	if _, unfinished := os.Stat(filepath.Join(path, trainFlagsFile)); unfinished == nil {
		return nil, badInputf("%s: a run that is not finished, without a model yet: gradus train --resume %s goes on with it", path, shellWord(path))
	}
	return nil, badInput(fmt.Errorf("%s: no model: want a folder or zip file that gradus train wrote: %w", path, err))
}
