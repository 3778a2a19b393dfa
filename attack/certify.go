package attack

import (
	"context"
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Method is how a certifier bounds a network, from fast to tight.
type Method int

// The methods. Each bound is at least as tight as that of the method before.
const (
	// IBP propagates an interval of each value: the cost of two predictions.
	// Source: Gowal et al. 2018.
	IBP Method = iota

	// CROWNIBP bounds the margins by linear functions of the input, taken
	// backwards through the network, with relaxations of the activations
	// between intervals from IBP. Source: Zhang et al. 2020.
	CROWNIBP

	// CROWN does the same for every activation whose sign is not certain, each
	// from the layers before it. Source: Zhang et al. 2018; Singh et al. 2019
	// (DeepPoly).
	CROWN

	// Cascade tries the three in order and stops at the first that shows an
	// image robust: as many certificates as CROWN gives, sooner. The margin is
	// that of the last one tried.
	Cascade
)

// String returns the method's name.
func (m Method) String() string {
	switch m {
	case IBP:
		return "IBP"
	case CROWNIBP:
		return "CROWN-IBP"
	case CROWN:
		return "CROWN"
	case Cascade:
		return "cascade"
	}
	return "unknown method"
}

// Certificate is what holds for every point of a ball around one image.
type Certificate struct {
	Label int

	// Margin is a lower bound of z_label − max of the other logits z, NaN
	// where a bound has overflowed.
	Margin float64

	// Rival is the class with that bound, -1 if there is no other.
	Rival int

	// Robust says that the margin is positive: no point of the ball inside the
	// box gets another prediction.
	Robust bool
}

// Certifier proves bounds of a network's outputs. It may be used from several
// goroutines. It copies the weights: changes of the model afterwards do not
// count.
//
// Bounds hold for the network as this module computes it in F, whatever the
// order of its sums, not only for exact arithmetic. With u the unit roundoff
// of F and γ(n) = nu/(1−nu), every value of an affine layer of n terms is given
// γ(n+2)·(Σ|w||x| + |b|) of slack outwards, every slope of a leaky ReLU and
// sum of a residual one more roundoff, and the bounds' own arithmetic in
// float64 likewise. The ball is taken to be larger by a part in 2⁵⁰.
type Certifier[F tensor.Float] struct {
	network *network
}

// NewCertifier reads a network for images of a shape (without the batch). It
// knows Linear, Conv2D, ReLU, LeakyReLU with slopes in [0, 1], Flatten,
// Reshape, Dropout, MaxPool2D, AvgPool2D, BatchNorm with its running moments,
// Residual, Sequential and [Standardize]; any other layer is an error that
// names it.
func NewCertifier[F tensor.Float](model nn.Layer[F], input []int) (*Certifier[F], error) {
	n, err := compile(model, input)
	if err != nil {
		return nil, err
	}
	return &Certifier[F]{n}, nil
}

// Certify returns a certificate for each image of x [batch, …] in the ball
// around it, inside the box. The results are the same bits on any number of
// processors. It returns an error if ball, box, shapes or labels do not fit, or
// x is outside the box, or ctx has ended.
func (c *Certifier[F]) Certify(ctx context.Context, x *tensor.Tensor[F], labels []int, ball Ball, box Box, method Method) ([]Certificate, error) {
	if err := c.check(x, labels, ball, box); err != nil {
		return nil, err
	}
	if method < IBP || method > Cascade {
		return nil, invalid("method %d: want IBP, CROWNIBP, CROWN or Cascade", method)
	}
	certificates := make([]Certificate, len(labels))
	const together = 32
	for lo := 0; lo < len(labels); lo += together {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		hi := min(lo+together, len(labels))
		parallel.Run(hi-lo, parallel.Func(func(i int) {
			if ctx.Err() != nil {
				return // one image can take seconds
			}
			i += lo
			image := make([]float64, 0, len(x.Row(i)))
			for _, v := range x.Row(i) {
				image = append(image, float64(v))
			}
			certificates[i] = c.network.certify(image, labels[i], ball, box, method)
		}))
	}
	return certificates, ctx.Err()
}

func (c *Certifier[F]) check(x *tensor.Tensor[F], labels []int, ball Ball, box Box) error {
	n := c.network
	if len(x.Shape) < 2 || len(labels) != x.Shape[0] || tensor.Size(x.Shape[1:]) != n.sizes[0] {
		return domain.Errorf(domain.ShapeMismatch, "inputs of shape %v and %d labels: want [batch …] of %d elements and one label for each", x.Shape, len(labels), n.sizes[0])
	}
	classes := n.sizes[len(n.sizes)-1]
	for i, y := range labels {
		if y < 0 || y >= classes {
			return invalid("label %d is %d: want one in [0, %d)", i, y, classes)
		}
	}
	return validate(x.Data, ball, box)
}

// certify bounds the margins of one image. A tighter method includes the
// looser ones: tighter intervals alone may choose other relaxations and lose.
func (n *network) certify(image []float64, label int, ball Ball, box Box, method Method) Certificate {
	output := len(n.sizes) - 1
	margins := make([]float64, n.sizes[output])
	r := n.bound(image, ball, box, IBP)
	for k, hi := range r.values[output].hi {
		margin := r.values[output].lo[label] - hi
		margins[k] = margin - math.Abs(margin)*4*unit64
	}
	result := certificate(margins, label)
	for _, next := range [2]Method{CROWNIBP, CROWN} {
		if method < next || method == Cascade && result.Robust {
			break
		}
		if next == CROWN { // what is bound for CROWNIBP is bound already
			r = n.bound(image, ball, box, CROWN)
		}
		spec := tensor.New[float64](len(margins), len(margins))
		for k := range margins {
			spec.Row(k)[label]++
			spec.Row(k)[k]--
		}
		for k, bound := range r.lower(output, spec) {
			margins[k] = math.Max(margins[k], bound) // NaN stays
		}
		result = certificate(margins, label)
	}
	return result
}

// certificate reads off the least margin.
func certificate(margins []float64, label int) Certificate {
	c := Certificate{Label: label, Margin: math.Inf(1), Rival: -1}
	for k, margin := range margins {
		if k != label && !(margin >= c.Margin) {
			c.Margin, c.Rival = margin, k
			if margin != margin {
				break
			}
		}
	}
	c.Robust = c.Margin > 0
	return c
}

// CertifiedShare is the share of robust certificates: a lower bound of robust
// accuracy, as the attacked accuracy of [Report] is an upper one. It is 0 of
// none.
func CertifiedShare(certificates []Certificate) float64 {
	robust := make([]bool, len(certificates))
	for i, c := range certificates {
		robust[i] = c.Robust
	}
	return share(robust)
}
