package vae

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// The likelihoods of a [Model].
const (
	Gaussian  = "gaussian"  // the decoder gives means, and Variance is theirs
	Bernoulli = "bernoulli" // the decoder gives logits of data in [0, 1]
)

// Model is a variational autoencoder. It is also a layer, which maps x to its
// reconstruction, so that modelfile saves it as any network (and loads it, given
// &vae.Model[float32]{} as a kind).
type Model[F tensor.Float] struct {
	Encoder nn.Layer[F] // [batch, Input…] to [batch, 2·Latent]: means, then log-variances
	Decoder nn.Layer[F] // [batch, Latent] to as many numbers as Input has

	Input      []int // the shape of one example
	Latent     int   // units of the code
	Likelihood string

	// Variance of a Gaussian decoder, [1] or one for each number of Input, as
	// frozen after training. Nil for Bernoulli.
	Variance *nn.Buffer[F]

	// LogVariance is trained where the objective's scale is Learned, of the
	// length of Variance; nil otherwise.
	LogVariance *nn.Param[F]
}

// NewMLP returns a model of examples of a shape, such as [784] or [1 28 28],
// with the hidden layers of an encoder, mirrored in the decoder, ReLU between,
// and a variance of 1.
// It panics unless all sizes are positive and the likelihood is one of the two.
func NewMLP[F tensor.Float](input, hidden []int, latent int, likelihood string, rng *rand.Rand) *Model[F] {
	sizes := append([]int{tensor.Size(input)}, hidden...)
	m := &Model[F]{Input: slices.Clone(input), Latent: latent, Likelihood: likelihood}
	encoder := perceptron[F](append(sizes, 2*latent), rng)
	if len(input) > 1 {
		encoder = append(nn.Sequential[F]{nn.Flatten[F]{}}, encoder...)
	}
	m.Encoder = encoder
	slices.Reverse(sizes)
	m.Decoder = perceptron[F](append([]int{latent}, sizes...), rng)
	if likelihood == Gaussian {
		m.Variance = &nn.Buffer[F]{Value: tensor.New[F](1)}
		m.Variance.Value.Fill(1)
	}
	if err := m.Validate(); err != nil {
		panic(err)
	}
	return m
}

// LearnVariance makes the model one whose single variance is trained along, from
// the given start, as the scale Learned asks for. It panics unless the start is
// finite and above 0.
func (m *Model[F]) LearnVariance(start float64) {
	if !positive(start) {
		panic(fmt.Sprintf("vae.LearnVariance: a start of %v: want a finite number above 0", start))
	}
	m.LogVariance = nn.NewParam[F](1)
	m.LogVariance.Value.Fill(F(math.Log(start)))
}

// BoundMean puts a sigmoid behind the decoder of a Gaussian model, so that its
// mean lies in (0, 1) as pixels do: a decoder that need not learn where black and
// white end spends its units on what lies between. Where the decoder ends in an
// [nn.Linear] with a bias, the mean begins at about start, such as the mean of the
// data. It panics unless 0 < start < 1, and for another likelihood, whose decoder
// gives logits.
func (m *Model[F]) BoundMean(start float64) {
	if m.Likelihood != Gaussian || !(start > 0 && start < 1) {
		panic(fmt.Sprintf("vae.BoundMean: a %s decoder from %v: want %s, from a number between 0 and 1", m.Likelihood, start, Gaussian))
	}
	layers, ok := m.Decoder.(nn.Sequential[F])
	if !ok {
		layers = nn.Sequential[F]{m.Decoder}
	}
	if n := len(layers); n > 0 {
		if last, ok := layers[n-1].(*nn.Linear[F]); ok && last.Bias != nil {
			for i := range last.Bias.Value.Data {
				last.Bias.Value.Data[i] += F(math.Log(start / (1 - start)))
			}
		}
	}
	m.Decoder = append(slices.Clone(layers), nn.Sigmoid[F]{})
}

func perceptron[F tensor.Float](sizes []int, rng *rand.Rand) nn.Sequential[F] {
	var layers nn.Sequential[F]
	for i, in := range sizes[:len(sizes)-1] {
		if i > 0 {
			layers = append(layers, nn.ReLU[F]{})
		}
		layers = append(layers, nn.NewLinear[F](in, sizes[i+1], rng))
	}
	return layers
}

// Validate reports parts that do not fit together.
func (m *Model[F]) Validate() error {
	if m.Encoder == nil || m.Decoder == nil || m.Latent < 1 || len(m.Input) == 0 {
		return fmt.Errorf("vae: a model of %d latent units and input of shape %v: want an encoder, a decoder, a shape and at least 1 unit", m.Latent, m.Input)
	}
	size := 1
	for _, n := range m.Input {
		if n < 1 || n > nn.MaxElements/size {
			return fmt.Errorf("vae: input of shape %v: want positive sizes, and at most %d numbers", m.Input, nn.MaxElements)
		}
		size *= n
	}
	code, err := m.Encoder.OutputShape(m.Input)
	if err != nil {
		return fmt.Errorf("vae: encoder: %w", err)
	}
	if len(code) != 1 || code[0] != 2*m.Latent {
		return fmt.Errorf("vae: the encoder gives shape %v: want [%d], %d means and as many log-variances", code, 2*m.Latent, m.Latent)
	}
	out, err := m.Decoder.OutputShape([]int{m.Latent})
	if err != nil {
		return fmt.Errorf("vae: decoder: %w", err)
	}
	d := tensor.Size(m.Input)
	if tensor.Size(out) != d {
		return fmt.Errorf("vae: the decoder gives shape %v: want the %d numbers of an input of shape %v", out, d, m.Input)
	}
	switch {
	case m.Likelihood == Bernoulli && m.Variance == nil && m.LogVariance == nil:
		return nil
	case m.Likelihood != Gaussian:
		return fmt.Errorf("vae: likelihood %q with variances %v: want %q, or %q without variances", m.Likelihood, m.Variance != nil || m.LogVariance != nil, Gaussian, Bernoulli)
	case m.Variance == nil || len(m.Variance.Value.Data) != 1 && len(m.Variance.Value.Data) != d:
		return fmt.Errorf("vae: a Gaussian decoder without 1 or %d variances", d)
	case m.LogVariance != nil && len(m.LogVariance.Value.Data) != 1 && len(m.LogVariance.Value.Data) != d:
		return fmt.Errorf("vae: %d trained log-variances: want 1 or %d", len(m.LogVariance.Value.Data), d)
	}
	return nil
}

// Forward returns the reconstruction of x from the means of its code: the
// decoder's mean of the data.
func (m *Model[F]) Forward(p *nn.Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	mean := m.Decoder.Forward(p, Draw(m.Encoder.Forward(p, x), 1, nil))
	if m.Likelihood == Bernoulli {
		mean = autodiff.Sigmoid(mean)
	}
	if slices.Equal(mean.Shape(), x.Shape()) {
		return mean
	}
	return autodiff.Reshape(mean, x.Shape()...)
}

// OutputShape is the input's shape.
func (m *Model[F]) OutputShape(input []int) ([]int, error) {
	if !slices.Equal(input, m.Input) {
		return nil, fmt.Errorf("vae: input of shape %v, want %v", input, m.Input)
	}
	return input, nil
}

// Loss records the objective for a batch x [batch, Input…] and returns its two
// terms, the distortion and the weighted rate, in nats per example. Their sum is
// what to minimise: under [Plain] it is the negative bound. Codes are drawn from
// the pass's Rand.
func (m *Model[F]) Loss(p *nn.Pass[F], x *tensor.Tensor[F], o Objective) (distortion, rate *autodiff.Var[F]) {
	posterior := m.Encoder.Forward(p, p.Tape.Constant(x))
	mean := m.Decoder.Forward(p, Draw(posterior, o.Samples, p.Rand))
	rate = KL(posterior, o.Beta, o.FreeBits)
	switch {
	case m.Likelihood == Bernoulli:
		if o.Samples > 1 || !slices.Equal(mean.Shape(), x.Shape) {
			x = repeated(p.Tape, x, o.Samples)
			mean = autodiff.Reshape(mean, x.Shape...)
		}
		return losses.BinaryCrossEntropy(mean, x, losses.ExampleReduction), rate
	case o.Scale == Fixed:
		variance := [1]F{F(o.Variance)}
		return FixedGaussian(mean, x, variance[:]), rate
	case o.Scale == Learned:
		return LearnedGaussian(mean, x, p.Use(m.LogVariance)), rate
	}
	return OptimalGaussian(mean, x, o.Scale, o.Bounds), rate
}
