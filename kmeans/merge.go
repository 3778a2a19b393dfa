package kmeans

import (
	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/tensor"
)

// Merge joins what two learners of one rate have learnt from two streams:
// center k of the result is (n_a·a_k + n_b·b_k)/(n_a + n_b), its count the sum.
// With rate 1/n_k and counts that began at 0 that is the mean of all the
// examples the two have won; where both began with counts, the start counts
// twice. Center k of one must mean what center k of the other does, as it does
// for streams that started from the same centers; a center with no count in
// either stays a's. Tails and watches are not merged.
func Merge[F tensor.Float](a, b *Online[F]) (*Online[F], error) {
	switch {
	case a.Validate() != nil:
		return nil, a.Validate()
	case b.Validate() != nil:
		return nil, b.Validate()
	case !holds(b.Centers, a.Centers.Shape[0], a.Centers.Shape[1]):
		return nil, domain.Errorf(domain.ShapeMismatch, "centers %v and %v: want one shape", a.Centers.Shape, b.Centers.Shape)
	case a.Rate != b.Rate:
		return nil, domain.Errorf(domain.InvalidParameter, "rates %+v and %+v: want one", a.Rate, b.Rate)
	}
	c, err := newOnline(a.Centers, a.Rate, a.Tracking || b.Tracking)
	if err != nil {
		return nil, err
	}
	c.Steps, c.Patience, c.Cost = a.Steps+b.Steps, a.Patience, a.Cost
	c.Cost.add(b.Cost)
	for k := range c.Counts {
		c.Counts[k] = a.Counts[k] + b.Counts[k]
		// As if the two streams had come one after the other.
		c.LastWin[k] = max(a.LastWin[k], b.LastWin[k]+min(b.LastWin[k], 1)*a.Steps)
		if c.Counts[k] == 0 {
			continue
		}
		part := float64(b.Counts[k]) / float64(c.Counts[k])
		y, from := c.Centers.Row(k), b.Centers.Row(k)
		for i, v := range from {
			y[i] = F((1-part)*float64(y[i]) + part*float64(v))
		}
	}
	return c, nil
}
