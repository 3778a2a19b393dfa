package attack

import (
	"context"
	"slices"

	"github.com/gradus-ml/gradus/tensor"
)

// Curve returns the share of the images x [batch, …] that are certified in the
// ball of each radius: robust accuracy is at least that. The radii increase;
// an image without a certificate for one is not tried at the next. Errors are
// those of [Certifier.Certify], or of radii that do not increase.
func (c *Certifier[F]) Curve(ctx context.Context, x *tensor.Tensor[F], labels []int, p float64, radii []float64, box Box, method Method) ([]float64, error) {
	if !slices.IsSorted(radii) {
		return nil, invalid("the radii are %v: want them in increasing order", radii)
	}
	all := len(labels)
	certified := make([]float64, len(radii))
	for i, radius := range radii {
		certificates, err := c.Certify(ctx, x, labels, Ball{p, radius}, box, method)
		if err != nil {
			return nil, err
		}
		var standing, theirs []int
		for k, certificate := range certificates {
			if certificate.Robust {
				standing, theirs = append(standing, k), append(theirs, labels[k])
			}
		}
		certified[i] = float64(len(standing)) / float64(max(all, 1))
		x, labels = gather(x, standing), theirs
	}
	return certified, nil
}
