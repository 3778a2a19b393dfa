package attack

import (
	"context"
	"fmt"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Attacker searches for adversarial examples of a model. It keeps its memory:
// from the second batch of a size on, [Attacker.Perturb] allocates nothing. It
// serves one goroutine, and uses all processors; results are the same bits on
// any number of them.
type Attacker[F tensor.Float] struct {
	attack Attack
	search search[F]
	left   []int     // images that are not fooled yet
	best   []float64 // lowest objective of each image so far
}

// New sets an attack at a model, which maps [batch, …] to logits
// [batch, classes] and is used as it is for prediction: no weight gets a
// gradient. It returns a [*DomainError] if the attack is not valid.
func New[F tensor.Float](model nn.Layer[F], a Attack) (*Attacker[F], error) {
	if err := a.Validate(); err != nil {
		return nil, err
	}
	return &Attacker[F]{attack: a, search: search[F]{gradients: newGradients(model)}}, nil
}

// Attack returns the attack.
func (a *Attacker[F]) Attack() Attack { return a.attack }

// SetAttack replaces the attack and keeps the memory. It returns a
// [*DomainError] if the attack is not valid, and then keeps the old one.
func (a *Attacker[F]) SetAttack(attack Attack) error {
	if err := attack.Validate(); err != nil {
		return err
	}
	a.attack = attack
	return nil
}

// Perturb writes the adversarial examples of x [batch, …] to adv, of the same
// shape and with memory of its own. Labels are the classes to leave, or to reach
// if the attack is targeted. Every example is inside the box, and inside the
// ball but for at most one unit in the last place of its norm. After an error
// adv holds points of no meaning.
//
// It returns an error if the shapes or labels do not fit the model, adv is x, x
// is outside the box, a gradient is not finite, or ctx has ended.
func (a *Attacker[F]) Perturb(ctx context.Context, adv, x *tensor.Tensor[F], labels []int) error {
	return a.perturb(ctx, adv, x, labels, nil)
}

// batchSize is how many images are searched together, whatever the number of
// processors.
const batchSize = 128

// perturb is Perturb with a radius for each image, or the ball's if nil.
func (a *Attacker[F]) perturb(ctx context.Context, adv, x *tensor.Tensor[F], labels []int, radii []float64) error {
	if err := a.prepare(adv, x, labels); err != nil {
		return err
	}
	s, n := &a.search, len(labels)
	if cap(a.best) < n {
		a.best = make([]float64, n)
	}
	a.best = a.best[:n]
	single, size := a.attack.Restarts == 1, tensor.Size(x.Shape[1:])
	for restart := 0; restart < a.attack.Restarts && len(a.left) > 0; restart++ {
		kept := a.left[:0]
		for lo := 0; lo < len(a.left); lo += batchSize {
			if err := ctx.Err(); err != nil {
				return err
			}
			block := a.left[lo:min(lo+batchSize, len(a.left))]
			if single { // all images, in order
				if err := s.run(ctx, adv.Data[lo*size:(lo+len(block))*size], x, labels, radii, block, 0); err != nil {
					return err
				}
				continue
			}
			s.points = room(s.points, len(block)*size)
			if err := s.run(ctx, s.points, x, labels, radii, block, restart); err != nil {
				return err
			}
			s.gradients.values(&s.at, s.labels, a.attack.Objective)
			for k, i := range block {
				fooled, value := s.fooled(k), s.sign()*s.gradients.value[k]
				if restart == 0 || fooled || value < a.best[i] {
					a.best[i] = value
					copy(adv.Row(i), s.at.Row(k))
				}
				if !fooled {
					kept = append(kept, i)
				}
			}
		}
		a.left = kept
	}
	return nil
}

// prepare checks the arguments and lists all images as not fooled.
func (a *Attacker[F]) prepare(adv, x *tensor.Tensor[F], labels []int) error {
	s := &a.search
	if err := s.gradients.check(x, labels); err != nil {
		return err
	}
	if len(adv.Data) != len(x.Data) {
		return domain.Errorf(domain.ShapeMismatch, "room of shape %v for inputs of shape %v: want one shape", adv.Shape, x.Shape)
	}
	if len(x.Data) > 0 && &adv.Data[0] == &x.Data[0] {
		return invalid("room for the adversarial examples that is the inputs themselves: want memory of its own")
	}
	s.attack = a.attack
	a.left = a.left[:0]
	for i := range labels {
		a.left = append(a.left, i)
	}
	return nil
}

// search is the search for one batch of images at a time.
type search[F tensor.Float] struct {
	attack    Attack
	gradients *gradients[F]

	at       tensor.Tensor[F] // the points reached
	points   []F              // their memory, where they are one try of several
	index    []int            // of the images in x
	labels   []int
	radius   []float64
	momentum []F
	restart  int
	workers  []worker

	x     *tensor.Tensor[F]
	trace [][]float64 // where wanted, the objective before each step
}

// run begins at the images of x at index and does all steps, in the given
// memory for the points.
func (s *search[F]) run(ctx context.Context, points []F, x *tensor.Tensor[F], labels []int, radii []float64, index []int, restart int) error {
	s.x, s.index, s.restart = x, index, restart
	s.at.Data = points
	if s.attack.Momentum > 0 {
		s.momentum = room(s.momentum, len(points))
		clear(s.momentum)
	}
	s.labels, s.radius = s.labels[:0], s.radius[:0]
	for _, i := range index {
		s.labels = append(s.labels, labels[i])
		if radii == nil {
			s.radius = append(s.radius, s.attack.Ball.Radius)
		} else {
			s.radius = append(s.radius, radii[i])
		}
	}
	s.at.Shape = append(append(s.at.Shape[:0], len(index)), x.Shape[1:]...)
	for tasks := parallel.Blocks(len(index), imagesPerTask); len(s.workers) < tasks; {
		s.workers = append(s.workers, worker{})
	}
	if err := s.each((*starts[F])(s)); err != nil {
		return err
	}
	for iteration := range s.attack.Iterations {
		if err := ctx.Err(); iteration > 0 && err != nil {
			return err
		}
		s.gradients.at(&s.at, s.labels, s.attack.Objective)
		if s.trace != nil {
			copy(s.trace[iteration], s.gradients.value)
		}
		if err := s.each((*steps[F])(s)); err != nil {
			return err
		}
	}
	return nil
}

// each runs a task over the images and returns the first error in their order.
func (s *search[F]) each(body parallel.Body) error {
	tasks := parallel.Blocks(len(s.index), imagesPerTask)
	for t := range tasks {
		s.workers[t].err = nil
	}
	parallel.Run(tasks, body)
	for t := range tasks {
		if w := &s.workers[t]; w.err != nil {
			return fmt.Errorf("image %d: %w", s.index[w.image], w.err)
		}
	}
	return nil
}

// sign is what the objective is multiplied by for the attack to lower it.
func (s *search[F]) sign() float64 {
	if s.attack.Targeted {
		return -1
	}
	return 1
}

// fooled reports what the last forward pass makes of image k.
func (s *search[F]) fooled(k int) bool {
	return (argmax(s.gradients.logits.Value.Row(k)) == s.labels[k]) == s.attack.Targeted
}

// room returns n elements, x's own if it has them.
func room[F tensor.Float](x []F, n int) []F {
	if cap(x) < n {
		return make([]F, n)
	}
	return x[:n]
}
