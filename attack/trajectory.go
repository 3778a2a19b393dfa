package attack

import (
	"context"

	"github.com/gradus-ml/gradus/tensor"
)

// Trajectory follows one search of each image, the first: it writes the last
// points to adv and returns the objective before each step and at the end,
// [iterations+1][batch]. Errors are those of [Attacker.Perturb]. Source:
// docs/linearised-attack.md.
func (a *Attacker[F]) Trajectory(ctx context.Context, adv, x *tensor.Tensor[F], labels []int) ([][]float64, error) {
	s := &a.search
	if err := a.prepare(adv, x, labels); err != nil {
		return nil, err
	}
	trace := make([][]float64, a.attack.Iterations+1)
	for i := range trace {
		trace[i] = make([]float64, len(labels))
	}
	defer func() { s.trace = nil }()
	for lo := 0; lo < len(a.left); lo += batchSize {
		block := a.left[lo:min(lo+batchSize, len(a.left))]
		s.trace = s.trace[:0]
		for _, values := range trace {
			s.trace = append(s.trace, values[lo:])
		}
		if err := s.run(ctx, adv.Rows(lo, lo+len(block)).Data, x, labels, nil, block, 0); err != nil {
			return nil, err
		}
		s.gradients.values(&s.at, s.labels, a.attack.Objective)
		copy(trace[a.attack.Iterations][lo:], s.gradients.value)
	}
	return trace, nil
}
