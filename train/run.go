package train

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/internal/seeds"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
)

// run is one call of Fit.
type run struct {
	state
	config     Config
	model      *modelfile.Model
	validation dataset.Source // or nil
	loader     dataset.Loader
	optimizer  *optim.Optimizer[float32]
	options    losses.CrossEntropyOptions
	predictor  *modelfile.Predictor
	adversary  *adversary // or nil

	pass   nn.Pass[float32]
	loss   float64  // of the last step
	pcg    rand.PCG // behind pass.Rand
	before rand.PCG // pcg before the step in progress, to repeat it

	weights     map[string]*tensor.Tensor[float32] // the network's own
	bestWeights map[string]*tensor.Tensor[float32] // copies, if the best is kept
	trained     map[string]*tensor.Tensor[float32] // copies, while others are validated
	measured    *Metrics                           // the last validation, and
	measuredAt  int                                // the step after which it was

	fingerprint []field // of the configuration
	saved       string  // the newest checkpoint that is good
	savedState  [3]int  // its step, epoch and batch
	savedAt     time.Time

	// Of this call of Fit: when it began, the training time before it, the
	// steps before it, and the examples it has used.
	begun   time.Time
	earlier time.Duration
	first   int
	seen    int
}

// newRun checks the configuration and makes ready to train from the beginning.
func newRun(model *modelfile.Model, config Config) (*run, error) {
	if err := config.validate(model); err != nil {
		return nil, err
	}
	learned, validation, err := config.divide()
	if err != nil {
		return nil, err
	}
	if config.Balance {
		if config.ClassWeights, err = balance(learned); err != nil {
			return nil, err
		}
	}
	r := &run{config: config, model: model, validation: validation, loader: config.loader(learned)}
	if err := r.loader.Validate(); err != nil {
		return nil, err
	}
	if r.optimizer, err = optim.New(nn.Params[float32](model.Net), config.Step, config.Groups...); err != nil {
		return nil, err
	}
	if r.predictor, err = model.NewPredictor(); err != nil {
		return nil, err
	}
	if r.adversary, err = newAdversary(config.Adversarial, model); err != nil {
		return nil, err
	}
	if r.fingerprint, err = fingerprint(r); err != nil {
		return nil, err
	}
	r.options = losses.CrossEntropyOptions{Weights: config.ClassWeights, Smoothing: config.LabelSmoothing}
	seeds.Set(&r.pcg, config.Seed, dropoutStream)
	r.pass = nn.Pass[float32]{Tape: autodiff.NewTape[float32](), Train: true, Rand: rand.New(&r.pcg)}
	r.weights = modelfile.Tensors(model.Net)
	r.History = newHistory()
	r.begun = time.Now()
	r.savedAt = r.begun
	return r, nil
}

// dropoutStream keeps Dropout's stream apart from the loader's, whose parts
// are epochs.
const dropoutStream = 1 << 63

// describeModel sets what the model file says of its training.
func (r *run) describeModel() error {
	data := r.loader.Source
	labels, err := dataset.Labels(data)
	if err != nil {
		return err
	}
	r.model.Priors = priors(labels, len(r.model.Classes), r.config.ClassWeights)
	r.model.Training = modelfile.Training{
		Data: data.Info().Name, Examples: data.Len(), BatchSize: r.config.BatchSize, Seed: r.config.Seed, Optimizer: describe(r.config.Step),
	}
	return nil
}

// priors are the frequencies of the classes, weighted as the loss weights
// them: v_c·n_c / Σ v·n. Source: docs/prior-shift.md.
func priors(labels []int, classes int, weights []float64) []float64 {
	p := make([]float64, classes)
	for _, label := range labels {
		p[label]++
	}
	sum := 0.0
	for c := range p {
		if weights != nil {
			p[c] *= weights[c]
		}
		sum += p[c]
	}
	for c := range p {
		p[c] /= sum
	}
	return p
}

// ended reports whether training is over.
func (r *run) ended() (Reason, bool) {
	switch {
	case r.config.Epochs > 0 && r.Epoch >= r.config.Epochs:
		return EpochsDone, true
	case r.config.Patience > 0 && r.Waited >= r.config.Patience:
		return NoImprovement, true
	case r.config.Steps > 0 && r.Step >= r.config.Steps:
		return StepsDone, true
	}
	return "", false
}

// totalSteps is how many steps the limits allow.
func (r *run) totalSteps() int {
	total := r.config.Steps
	if n := r.config.Epochs * r.loader.Len(); n > 0 && (total == 0 || n < total) {
		total = n
	}
	return total
}

// copyWeights copies src into dst, which it makes if it is nil.
func copyWeights(dst, src map[string]*tensor.Tensor[float32]) map[string]*tensor.Tensor[float32] {
	if dst == nil {
		dst = make(map[string]*tensor.Tensor[float32], len(src))
	}
	for name, x := range src {
		if y, ok := dst[name]; ok {
			copy(y.Data, x.Data)
			continue
		}
		dst[name] = tensor.From(slices.Clone(x.Data), x.Shape...)
	}
	return dst
}
