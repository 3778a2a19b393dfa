package tour

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/dataset/glyphs"
	"github.com/gradus-ml/gradus/internal/seeds"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/train"
)

// Sizes of what the chapters share.
const (
	learned = 8000 // digits to learn from
	unseen  = 4000 // digits to measure on

	batchSize = 64
)

// Lab holds what chapters share: drawn digits, and a network that reads them.
// It is for one goroutine.
type Lab struct {
	Seed uint64
	Say  func(what string) // hears what is being done; never nil

	chapter     string
	train, test *digits
	reader      *modelfile.Model
}

// NewLab returns a lab in which nothing is made yet.
func NewLab(seed uint64) *Lab { return &Lab{Seed: seed, Say: func(string) {}} }

// say tells what the chapter does.
func (l *Lab) say(format string, args ...any) {
	l.Say(l.chapter + ": " + fmt.Sprintf(format, args...))
}

// rand is stream number parts of a subject, whichever were drawn before.
func (l *Lab) rand(parts ...uint64) *rand.Rand {
	var pcg rand.PCG
	seeds.Set(&pcg, append([]uint64{l.Seed}, parts...)...)
	return rand.New(&pcg)
}

// digits are drawn characters in memory.
type digits struct {
	*dataset.Memory
	x      *tensor.Tensor[float32] // [n, 1, 28, 28], values from 0 to 1
	labels []int
}

func newDigits(x *tensor.Tensor[float32], labels []int, classes []string) (*digits, error) {
	m, err := dataset.NewMemory("glyphs", x, labels, classes)
	return &digits{m, x, labels}, err
}

// first are the first n of the digits, as vectors.
func (d *digits) first(n int) (*digits, error) {
	size := d.Info().Size()
	return newDigits(tensor.From(d.x.Data[:n*size], n, size), d.labels[:n], d.Info().Classes)
}

// draw makes the first n examples of a generator.
func draw(ctx context.Context, g *glyphs.Generator, n int) (*digits, error) {
	source, err := dataset.NewGlyphs(g, n)
	if err != nil {
		return nil, err
	}
	size := g.Options().Size
	x, labels := tensor.New[float32](n, 1, size, size), make([]int, n)
	for batch, err := range (dataset.Loader{Source: source, BatchSize: 256}).Batches(ctx, 0, 0) {
		if err != nil {
			return nil, err
		}
		copy(x.Data[batch.Indices[0]*size*size:], batch.X.Data)
		copy(labels[batch.Indices[0]:], batch.Labels)
	}
	return newDigits(x, labels, g.Classes())
}

// digits returns what to learn from and what to measure on.
func (l *Lab) digits(ctx context.Context) (train, test *digits, err error) {
	if l.test == nil {
		l.say("drawing %d digits", learned+unseen)
		o := glyphs.Default()
		o.Seed = 2 * l.Seed
		g, err := glyphs.New(o)
		if err != nil {
			return nil, nil, err
		}
		if l.train, err = draw(ctx, g, learned); err != nil {
			return nil, nil, err
		}
		if g, err = g.With(nil, o.Seed+1); err != nil {
			return nil, nil, err
		}
		if l.test, err = draw(ctx, g, unseen); err != nil {
			return nil, nil, err
		}
	}
	return l.train, l.test, nil
}

// classifier returns a network of 128 hidden units that reads the digits,
// trained once and not to be changed, and the digits.
func (l *Lab) classifier(ctx context.Context) (model *modelfile.Model, train, test *digits, err error) {
	if train, test, err = l.digits(ctx); err != nil || l.reader != nil {
		return l.reader, train, test, err
	}
	l.reader, err = l.parse(ctx, "mlp:128", train, 6, nil)
	return l.reader, train, test, err
}

// parse makes a network from a line of text and trains it by Adam with a cosine
// rate; epoch, if not nil, hears the model after every epoch.
func (l *Lab) parse(ctx context.Context, spec string, source dataset.Source, epochs int, epoch func(*modelfile.Model, train.Epoch)) (*modelfile.Model, error) {
	const rate = 0.002
	info := source.Info()
	net, err := nn.Parse[float32](spec, info.Shape, len(info.Classes), l.rand(0))
	if err != nil {
		return nil, err
	}
	step := optim.AdamStep[float32](rate)
	step.Rate = optim.Cosine{From: rate, Steps: epochs * ((source.Len()-1)/batchSize + 1)}
	m, err := l.model(ctx, net, source)
	if err != nil {
		return nil, err
	}
	config := train.Config{Epochs: epochs, Step: step}
	if epoch != nil {
		config.Observer.Epoch = func(e train.Epoch) { epoch(m, e) }
	}
	return m, l.fit(ctx, m, source, config)
}

// model is a network with the preprocessing that a source asks for.
func (l *Lab) model(ctx context.Context, net nn.Layer[float32], source dataset.Source) (*modelfile.Model, error) {
	mean, std, err := dataset.Moments(ctx, source)
	if err != nil {
		return nil, err
	}
	info := source.Info()
	return &modelfile.Model{Net: net, Input: info.Shape, Classes: info.Classes, Preprocess: modelfile.Standardize(mean, std)}, nil
}

// fit trains a model on a source and tells of it. The configuration says how
// long, and with which step.
func (l *Lab) fit(ctx context.Context, m *modelfile.Model, source dataset.Source, c train.Config) error {
	c.Train, c.BatchSize, c.Shuffle, c.Seed = source, batchSize, true, l.Seed
	c.Observer.Step = func(e train.StepEvent) {
		l.say("training a network: epoch %d, batch %d of %d, accuracy %.0f%%", e.Epoch+1, e.Batch, e.Batches, 100*e.Accuracy)
	}
	_, err := train.Fit(ctx, m, c)
	return err
}
