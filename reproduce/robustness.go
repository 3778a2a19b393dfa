package reproduce

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/train"
)

// robustPlan is how much work the robustness experiment does.
type robustPlan struct {
	filters, units  int             // of the first convolution, of the hidden layer
	natural, epochs int             // of training on images as they are, and on attacked ones
	distort         dataset.Distort // of the images that are attacked in training
	steps           int             // of the attack in training, and their length
	stepSize        float64
	images          int // that are attacked
	restarts        int
	proved          int // images that are certified

	// The least accuracy under FGSM and PGD at ε = 0.3 after training on
	// attacked images.
	fgsm, pgd float64
}

// robustness attacks a network that was trained naturally and one that was
// trained on attacked images, in a minute.
func robustness() Experiment {
	p := robustPlan{filters: 16, units: 100, natural: 1, epochs: 3, steps: 3, stepSize: 0.15, images: 200, restarts: 5, proved: 20, fgsm: 85, pgd: 60}
	return Experiment{
		Name:  "robustness",
		Title: "Accuracy under attack",
		About: p.about() + " The run of `--full` searches longer, in training and after.",
		Run:   p.run,
	}
}

// robustnessLong is robustness with more training and a stronger attack.
func robustnessLong() Experiment {
	p := robustPlan{filters: 48, units: 256, natural: 3, epochs: 22, distort: dataset.Distort{Shift: 1, Rotate: 5}, steps: 5, stepSize: 0.1, images: 1000, restarts: 20, proved: 100, fgsm: 93, pgd: 85}
	return Experiment{
		Name:  "robust-training",
		Title: "Accuracy under attack, after longer training",
		About: p.about(),
		Long:  true,
		Run:   p.run,
	}
}

func (p robustPlan) about() string {
	d, distorted := p.distort, ""
	if d != (dataset.Distort{}) {
		distorted = fmt.Sprintf("moved by up to %g pixel, turned by up to %g°, and ", d.Shift, d.Rotate)
	}
	return fmt.Sprintf("Two networks of one architecture (two 4×4 convolutions of %d and %d filters with stride 2, then %d units), one trained on images as they are and one on attacked images, by Adam with a cosine rate and batches of 64; the radius rises from 0 to ε = 0.3 over the first 0.3 of the steps. ", p.filters, 2*p.filters, p.units) +
		fmt.Sprintf("Training on attacked images: %d epochs, each image %sattacked from a random point by %d steps of %g. Accuracy as they are is over all 10,000 test images; under attack over the first %d: random signs of size ε, one exact step (FGSM), and 40 steps of ε/30 from %d random points (PGD). The certified bound holds for the first %d, by CROWN where looser bounds do not do.", p.epochs, distorted, p.steps, p.stepSize, p.images, p.restarts, p.proved)
}

// robustCurve is what one network keeps, in percent.
type robustCurve struct {
	name                        string
	clean                       float64
	noise, fgsm, pgd, certified []float64
}

// robustRadii are the ε of the published figures.
func robustRadii() []float64 { return []float64{0.1, 0.2, 0.3} }

func (p robustPlan) run(ctx context.Context, lab *Lab) ([]Figure, error) {
	a := attack.PGD(attack.LInf(0.3), attack.Unit(), p.steps, p.stepSize)
	a.RandomStart, a.Seed = true, lab.Seed
	natural, err := p.train(ctx, lab, "natural", p.natural, nil)
	if err != nil {
		return nil, err
	}
	adversarial, err := p.train(ctx, lab, "adversarial", p.epochs, &a)
	if err != nil {
		return nil, err
	}
	var curves []robustCurve
	for _, m := range []struct {
		name  string
		model *modelfile.Model
	}{{"natural", natural}, {"adversarial", adversarial}} {
		c, err := p.attack(ctx, lab, m.name, m.model)
		if err != nil {
			return nil, err
		}
		curves = append(curves, c)
	}
	drawRobust(lab, p, curves)
	return p.figures(curves[0], curves[1]), nil
}

// train trains the network, against an attack where there is one.
func (p robustPlan) train(ctx context.Context, lab *Lab, name string, epochs int, a *attack.Attack) (*modelfile.Model, error) {
	const batch, rate = 64, 0.002
	source, err := lab.Train()
	if err != nil {
		return nil, err
	}
	mean, std, err := dataset.Moments(ctx, source)
	if err != nil {
		return nil, err
	}
	info, rng := source.Info(), rand.New(rand.NewPCG(lab.Seed, 0))
	m := &modelfile.Model{
		Net: nn.Sequential[float32]{
			nn.NewConv2D[float32](1, p.filters, 4, 2, 1, rng), nn.ReLU[float32]{},
			nn.NewConv2D[float32](p.filters, 2*p.filters, 4, 2, 1, rng), nn.ReLU[float32]{},
			nn.Flatten[float32]{}, nn.NewLinear[float32](2*p.filters*7*7, p.units, rng), nn.ReLU[float32]{}, nn.NewLinear[float32](p.units, len(info.Classes), rng),
		},
		Input: info.Shape, Classes: info.Classes, Preprocess: modelfile.Standardize(mean, std),
	}
	steps := epochs * ((source.Len()-1)/batch + 1)
	step := optim.AdamStep[float32](rate)
	step.Rate = optim.Cosine{From: rate, Steps: steps}
	config := train.Config{
		Train: source, BatchSize: batch, Shuffle: true, Seed: lab.Seed, Step: step, Epochs: epochs,
		Observer: train.Observer{Step: func(e train.StepEvent) {
			lab.Say(fmt.Sprintf("%s training: epoch %d of %d, accuracy %.1f%%, %.0f examples/s", name, e.Epoch+1, epochs, 100*e.Accuracy, e.PerSecond))
		}},
	}
	if a != nil {
		if p.distort != (dataset.Distort{}) {
			config.Augment = p.distort
		}
		config.Adversarial = &train.Adversarial{Attack: *a, WarmUp: steps * 3 / 10}
		if lab.Unfinished != "" {
			config.Checkpoints, config.Resume = train.Checkpoints{Folder: lab.Unfinished, Every: time.Minute}, true
		}
	}
	_, err = train.Fit(ctx, m, config)
	return m, err
}

// attack measures one network.
func (p robustPlan) attack(ctx context.Context, lab *Lab, name string, m *modelfile.Model) (robustCurve, error) {
	c := robustCurve{name: name}
	test, err := lab.Test()
	if err != nil {
		return c, err
	}
	clean, err := train.Evaluate(ctx, m, test)
	if err != nil {
		return c, err
	}
	c.clean = 100 * clean.Accuracy
	net, err := train.Unprocessed(m)
	if err != nil {
		return c, err
	}
	x, labels, err := firstExamples(ctx, test, p.images)
	if err != nil {
		return c, err
	}
	ball := attack.LInf(0.3)
	pgd := attack.PGD(ball, attack.Unit(), 40, 0.01)
	pgd.RandomStart, pgd.Restarts, pgd.Seed = true, p.restarts, lab.Seed
	for _, search := range []struct {
		attack attack.Attack
		to     *[]float64
	}{{attack.FGSM(ball, attack.Unit()), &c.fgsm}, {pgd, &c.pgd}} {
		lab.Say(fmt.Sprintf("attacking the %s network: %v", name, search.attack))
		attacker, err := attack.New(net, search.attack)
		if err != nil {
			return c, err
		}
		points, err := attacker.Curve(ctx, x, labels, robustRadii())
		if err != nil {
			return c, err
		}
		c.noise = nil // the same for both
		for _, point := range points {
			*search.to = append(*search.to, 100*point.Robust)
			c.noise = append(c.noise, 100*point.Noise)
		}
	}
	lab.Say(fmt.Sprintf("certifying the %s network", name))
	certifier, err := attack.NewCertifier(net, m.Input)
	if err != nil {
		return c, err
	}
	n := min(p.proved, len(labels))
	shares, err := certifier.Curve(ctx, x.Rows(0, n), labels[:n], math.Inf(1), robustRadii(), attack.Unit(), attack.Cascade)
	for _, share := range shares {
		c.certified = append(c.certified, 100*share)
	}
	return c, err
}

// firstExamples reads the first n examples of a source.
func firstExamples(ctx context.Context, source dataset.Source, n int) (*tensor.Tensor[float32], []int, error) {
	for batch, err := range (dataset.Loader{Source: dataset.First(source, n), BatchSize: n}).Batches(ctx, 0, 0) {
		if err != nil {
			return nil, nil, err
		}
		return batch.X.Clone(), append([]int(nil), batch.Labels...), nil
	}
	return nil, nil, fmt.Errorf("%s holds no examples", source.Info().Name)
}
