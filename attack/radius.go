package attack

import (
	"context"
	"math"

	"github.com/gradus-ml/gradus/tensor"
)

// Flip is the smallest radius at which an attack was found to succeed.
type Flip struct {
	// Radius is the norm of a perturbation after which the model, asked again,
	// predicts what the attack wants: 0 if it does without one, +Inf if no
	// radius tried succeeds. The least distance to another class is no more.
	Radius float64

	// Failed is the largest radius that was tried below the first success, or
	// in all. It may exceed Radius: the example found at a radius is moved
	// towards the image afterwards.
	Failed float64
}

// SmallestRadius looks for the smallest radius up to that of the ball at which
// the attack succeeds, image by image: it doubles from Radius/64 until it does,
// bisects until the bracket is no wider than tolerance times its upper end, and
// then bisects along the segment to the point found. Steps scale with the
// radius. A success need not stay one at a larger radius, so that a smaller
// radius that works may exist below one that fails; every Radius reported was
// predicted anew. The examples found are in the returned tensor; images without
// one are unchanged.
//
// Errors are those of [Attacker.Perturb], or of a tolerance outside (0, 1).
func (a *Attacker[F]) SmallestRadius(ctx context.Context, x *tensor.Tensor[F], labels []int, tolerance float64) ([]Flip, *tensor.Tensor[F], error) {
	if !(tolerance > 0 && tolerance < 1) {
		return nil, nil, invalid("the tolerance is %v: want it between 0 and 1", tolerance)
	}
	if err := a.search.gradients.check(x, labels); err != nil {
		return nil, nil, err
	}
	f := &flips[F]{a: a, x: x, labels: labels, found: x.Clone(), flips: make([]Flip, len(labels)), radii: make([]float64, len(labels))}
	success, err := a.succeeds(ctx, x, labels)
	if err != nil {
		return nil, nil, err
	}
	for i := range f.flips {
		f.flips[i].Radius = math.Inf(1)
		if success[i] {
			f.flips[i].Radius = 0
		}
		f.radii[i] = a.attack.Ball.Radius / 64
	}
	limit := a.attack.Ball.Radius
	for range 7 + int(math.Ceil(-math.Log2(tolerance))) {
		var open []int
		for i, flip := range f.flips {
			switch {
			case flip.Radius == 0 || flip.Failed >= limit:
				continue
			case math.IsInf(flip.Radius, 1):
				if flip.Failed > 0 {
					f.radii[i] = min(limit, 2*flip.Failed)
				}
			case flip.Radius-flip.Failed <= tolerance*flip.Radius:
				continue
			default:
				f.radii[i] = flip.Failed + (flip.Radius-flip.Failed)/2
			}
			open = append(open, i)
		}
		if len(open) == 0 {
			break
		}
		if err := f.try(ctx, open); err != nil {
			return nil, nil, err
		}
	}
	if err := f.shorten(ctx); err != nil {
		return nil, nil, err
	}
	return f.flips, f.found, nil
}

// flips is the state of a search for the smallest radii.
type flips[F tensor.Float] struct {
	a      *Attacker[F]
	x      *tensor.Tensor[F]
	labels []int
	found  *tensor.Tensor[F]
	flips  []Flip
	radii  []float64
}

// try attacks some images, each at its radius.
func (f *flips[F]) try(ctx context.Context, images []int) error {
	x, labels, radii := gather(f.x, images), make([]int, len(images)), make([]float64, len(images))
	for k, i := range images {
		labels[k], radii[k] = f.labels[i], f.radii[i]
	}
	adv := tensor.New[F](x.Shape...)
	if err := f.a.perturb(ctx, adv, x, labels, radii); err != nil {
		return err
	}
	success, err := f.a.succeeds(ctx, adv, labels)
	if err != nil {
		return err
	}
	for k, i := range images {
		if success[k] {
			f.flips[i].Radius = radii[k]
			copy(f.found.Row(i), adv.Row(k))
		} else {
			f.flips[i].Failed = max(f.flips[i].Failed, radii[k])
		}
	}
	return nil
}

// shorten moves each example found towards its image while it still succeeds,
// and sets the radii to the norms reached.
func (f *flips[F]) shorten(ctx context.Context) error {
	full, trial := f.found.Clone(), f.x.Clone()
	n := len(f.flips)
	short, long := make([]float64, n), make([]float64, n) // parts of the way
	for i := range long {
		long[i] = 1
	}
	for range 12 {
		for i := range f.flips {
			part, to, at := (short[i]+long[i])/2, full.Row(i), trial.Row(i)
			for j, x := range f.x.Row(i) {
				at[j] = moved(x, part*(float64(to[j])-float64(x)), f.a.attack.Box)
			}
		}
		success, err := f.a.succeeds(ctx, trial, f.labels)
		if err != nil {
			return err
		}
		for i, flip := range f.flips {
			part := (short[i] + long[i]) / 2
			if success[i] && flip.Radius > 0 && !math.IsInf(flip.Radius, 1) {
				long[i] = part
				copy(f.found.Row(i), trial.Row(i))
			} else {
				short[i] = part
			}
		}
	}
	for i, flip := range f.flips {
		if !math.IsInf(flip.Radius, 1) {
			f.flips[i].Radius = distance(f.found.Row(i), f.x.Row(i), f.a.attack.Ball.P)
		}
	}
	return nil
}

// distance is ‖a − b‖_p.
func distance[F tensor.Float](a, b []F, p float64) float64 {
	d := make([]float64, len(a))
	for j, v := range a {
		d[j] = float64(v) - float64(b[j])
	}
	return Norm(d, p)
}

// succeeds predicts x and reports for each image whether that is what the
// attack wants.
func (a *Attacker[F]) succeeds(ctx context.Context, x *tensor.Tensor[F], labels []int) ([]bool, error) {
	success := make([]bool, len(labels))
	g := a.search.gradients
	for lo := 0; lo < len(labels); lo += batchSize {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		hi := min(lo+batchSize, len(labels))
		g.values(x.Rows(lo, hi), labels[lo:hi], a.attack.Objective)
		for i, y := range labels[lo:hi] {
			success[lo+i] = (argmax(g.logits.Value.Row(i)) == y) == a.attack.Targeted
		}
	}
	return success, nil
}

// gather copies some images.
func gather[F tensor.Float](x *tensor.Tensor[F], images []int) *tensor.Tensor[F] {
	shape := append([]int{len(images)}, x.Shape[1:]...)
	y := tensor.New[F](shape...)
	for k, i := range images {
		copy(y.Row(k), x.Row(i))
	}
	return y
}
