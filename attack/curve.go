package attack

import (
	"context"
	"slices"

	"github.com/gradus-ml/gradus/tensor"
)

// Point is one radius of a robust-accuracy curve.
type Point struct {
	Radius float64 `json:"radius"`
	Robust float64 `json:"robust_accuracy"` // share of images right before and after the attack
	Noise  float64 `json:"noise_accuracy"`  // share right after random signs of norm Radius
}

// Curve attacks x [batch, …] at each radius, in increasing order, with steps
// in proportion. An image that a smaller ball has fooled is not attacked again:
// the larger one holds that example too, so that the curve never rises. Noise
// is measured on all images. Errors are those of [Attacker.Perturb], of a radius that is
// negative, not finite or not increasing, and of a targeted attack, for which
// robust accuracy is not defined.
func (a *Attacker[F]) Curve(ctx context.Context, x *tensor.Tensor[F], labels []int, radii []float64) ([]Point, error) {
	if a.attack.Targeted {
		return nil, invalid("the attack is targeted: want an untargeted one for robust accuracy")
	}
	if !slices.IsSorted(radii) {
		return nil, invalid("the radii are %v: want them in increasing order", radii)
	}
	if err := a.search.gradients.check(x, labels); err != nil {
		return nil, err
	}
	wrong, err := a.succeeds(ctx, x, labels)
	if err != nil {
		return nil, err
	}
	var curve []Point
	for _, radius := range radii {
		at := *a
		at.attack = at.attack.WithRadius(radius)
		if err := at.attack.Validate(); err != nil {
			return nil, err
		}
		var standing []int
		for i, fooled := range wrong {
			if !fooled {
				standing = append(standing, i)
			}
		}
		some, theirs := gather(x, standing), make([]int, len(standing))
		for k, i := range standing {
			theirs[k] = labels[i]
		}
		adv := tensor.New[F](some.Shape...)
		if err := at.perturb(ctx, adv, some, theirs, nil); err != nil {
			return nil, err
		}
		fooled, err := at.succeeds(ctx, adv, theirs)
		if err != nil {
			return nil, err
		}
		for k, i := range standing {
			wrong[i] = fooled[k]
		}
		noisy, err := at.noise(ctx, x, labels)
		if err != nil {
			return nil, err
		}
		curve = append(curve, Point{Radius: radius, Robust: 1 - share(wrong), Noise: 1 - share(noisy)})
	}
	return curve, nil
}

// noise reports which images noise of the ball's radius makes wrong.
func (a *Attacker[F]) noise(ctx context.Context, x *tensor.Tensor[F], labels []int) ([]bool, error) {
	noisy := x.Clone()
	var w worker
	for i := range labels {
		if err := holds(a.attack.Box, noisy.Row(i)); err != nil {
			return nil, err
		}
		rng := w.random.stream(^a.attack.Seed, 0, i)
		signNoise(&w.solver, noisy.Row(i), a.attack.Ball, a.attack.Box, rng.Uint64)
	}
	return a.succeeds(ctx, noisy, labels)
}

// share is the part of the values that is true, 0 of none.
func share(of []bool) float64 {
	n := 0
	for _, v := range of {
		if v {
			n++
		}
	}
	return float64(n) / float64(max(len(of), 1))
}
