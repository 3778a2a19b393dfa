package reproduce

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/train"
)

// Lab holds what experiments share. It is for one goroutine.
type Lab struct {
	Folder string // of the MNIST files
	Seed   uint64
	Say    func(what string) // hears what is being done; never nil

	// Unfinished is a folder in which long training keeps its checkpoints, to be
	// taken up from there by another run of the experiment; empty for nowhere.
	Unfinished string

	train, test dataset.Source
	models      map[string]*modelfile.Model
	rest, tests *unseen // of the overconfident network
	drawn       []Drawing
}

// Drawing is a picture of an experiment and the name of its file.
type Drawing struct {
	File    string // such as "autoencoder-samples.png"
	Caption string
	Picture report.Picture
}

// Draw adds a picture to the outcome of the experiment that runs. The ending of
// its file, .svg or .png, says its format.
func (l *Lab) Draw(file, caption string, picture report.Picture) {
	l.drawn = append(l.drawn, Drawing{file, caption, picture})
}

// NewLab returns a lab for the MNIST files in a folder.
func NewLab(folder string, seed uint64) *Lab {
	return &Lab{Folder: folder, Seed: seed, Say: func(string) {}, models: map[string]*modelfile.Model{}}
}

// Train is the 60,000 training images of MNIST, pixels from 0 to 1.
func (l *Lab) Train() (dataset.Source, error) { return l.open(&l.train, dataset.Train) }

// Test is its 10,000 test images.
func (l *Lab) Test() (dataset.Source, error) { return l.open(&l.test, dataset.Test) }

func (l *Lab) open(part *dataset.Source, split dataset.Split) (dataset.Source, error) {
	if *part == nil {
		source, err := dataset.Open(l.Folder, split)
		if err != nil {
			return nil, err
		}
		*part = source
	}
	return *part, nil
}

// Classifier is a network trained on MNIST for five epochs by Adam with a
// cosine rate, as gradus train does by default: spec is that of --model. A
// model is trained once, and is not to be changed.
func (l *Lab) Classifier(ctx context.Context, spec string) (*modelfile.Model, error) {
	if m := l.models[spec]; m != nil {
		return m, nil
	}
	source, err := l.Train()
	if err != nil {
		return nil, err
	}
	m, err := l.fit(ctx, spec, source, 5)
	if err != nil {
		return nil, err
	}
	l.models[spec] = m
	return m, nil
}

// fit trains a network on a source by Adam with a cosine rate.
func (l *Lab) fit(ctx context.Context, spec string, source dataset.Source, epochs int) (*modelfile.Model, error) {
	const batch = 128
	m, err := l.untrained(ctx, spec, source)
	if err != nil {
		return nil, err
	}
	step := optim.AdamStep[float32](0.002)
	step.Rate = optim.Cosine{From: 0.002, Steps: epochs * ((source.Len()-1)/batch + 1)}
	_, err = train.Fit(ctx, m, train.Config{
		Train: source, BatchSize: batch, Shuffle: true, Seed: l.Seed, Step: step, Epochs: epochs,
		Observer: train.Observer{Step: func(e train.StepEvent) {
			l.Say(fmt.Sprintf("training %s: epoch %d of %d, accuracy %.1f%%", spec, e.Epoch+1, epochs, 100*e.Accuracy))
		}},
	})
	return m, err
}

// untrained is a network for a source as fit begins with it.
func (l *Lab) untrained(ctx context.Context, spec string, source dataset.Source) (*modelfile.Model, error) {
	info := source.Info()
	net, err := nn.Parse[float32](spec, info.Shape, len(info.Classes), rand.New(rand.NewPCG(l.Seed, 0)))
	if err != nil {
		return nil, err
	}
	mean, std, err := dataset.Moments(ctx, source)
	if err != nil {
		return nil, err
	}
	return &modelfile.Model{Net: net, Input: info.Shape, Classes: info.Classes, Preprocess: modelfile.Standardize(mean, std)}, nil
}
