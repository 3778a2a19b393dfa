package train

import (
	"context"
	"errors"
	"fmt"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Adversarial has every batch attacked before it is learned from: the weights
// descend on the largest loss that a search finds in a ball around each
// example. The loss and accuracy of training are then those under attack;
// validation is on examples as they are. Source: Madry et al. 2018.
type Adversarial struct {
	// Attack is in the units of the data, which the model's Preprocess has not
	// changed yet. It is set at the network as it predicts. Its random starts
	// differ from step to step and follow from its Seed and the step.
	Attack attack.Attack

	// WarmUp is the number of steps over which the radius rises linearly to
	// the ball's, and the step size with it. At a large radius a network that
	// has learned nothing yet finds the same answer for every example best,
	// and never leaves it: docs/linearised-attack.md.
	WarmUp int
}

// At returns the attack after the given number of steps taken.
func (a *Adversarial) At(steps int) attack.Attack {
	now := a.Attack
	now.Seed += uint64(steps)
	if steps < a.WarmUp {
		return now.WithRadius(now.Ball.Radius * float64(steps+1) / float64(a.WarmUp))
	}
	return now
}

func (a *Adversarial) validate() error {
	if a.Attack.Targeted {
		return errors.New("train: a targeted attack: want one that leaves the labels")
	}
	if a.WarmUp < 0 {
		return fmt.Errorf("train: a warm-up of the radius over %d steps: want 0 or more", a.WarmUp)
	}
	if err := a.Attack.Validate(); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	return nil
}

// Unprocessed returns the network with the model's preprocessing before it,
// which takes examples as they are read: what an attack in the units of the
// data is set at. They share their parameters.
func Unprocessed(model *modelfile.Model) (nn.Layer[float32], error) {
	if len(model.Preprocess.Mean) == 0 {
		return model.Net, nil
	}
	standardize, err := attack.NewStandardize(model.Preprocess.Mean, model.Preprocess.Std)
	if err != nil {
		return nil, err
	}
	return nn.Sequential[float32]{standardize, model.Net}, nil
}

// adversary attacks the batches of a run.
type adversary struct {
	*Adversarial
	attacker *attack.Attacker[float32]
	room     tensor.Tensor[float32]
}

// newAdversary returns nil where there is to be no attack.
func newAdversary(a *Adversarial, model *modelfile.Model) (*adversary, error) {
	if a == nil {
		return nil, nil
	}
	net, err := Unprocessed(model)
	if err != nil {
		return nil, err
	}
	attacker, err := attack.New(net, a.Attack)
	if err != nil {
		return nil, err
	}
	return &adversary{Adversarial: a, attacker: attacker}, nil
}

// perturb replaces the examples of a batch by attacked ones, unless there is
// an error. A nil adversary does nothing.
func (a *adversary) perturb(ctx context.Context, batch *dataset.Batch, info dataset.Info, steps int) error {
	if a == nil {
		return nil
	}
	if err := a.attacker.SetAttack(a.At(steps)); err != nil {
		return err
	}
	if n := len(batch.X.Data); cap(a.room.Data) < n {
		a.room.Data = make([]float32, n)
	}
	a.room.Data, a.room.Shape = a.room.Data[:len(batch.X.Data)], batch.X.Shape
	if err := a.attacker.Perturb(ctx, &a.room, batch.X, batch.Labels); err != nil {
		if outside := a.outside(batch, info); outside != nil {
			return outside
		}
		return err
	}
	copy(batch.X.Data, a.room.Data)
	return nil
}

// outside names the first example that is not in the box of valid inputs.
func (a *adversary) outside(batch *dataset.Batch, info dataset.Info) error {
	box := a.Attack.Box
	for i, index := range batch.Indices {
		for _, v := range batch.X.Row(i) {
			if x := float64(v); !(x >= box.Lo && x <= box.Hi) {
				return &dataset.ExampleError{Source: info.Name, Index: index, Err: fmt.Errorf("a value of %v: want all in the box [%v, %v] of valid inputs", v, box.Lo, box.Hi)}
			}
		}
	}
	return nil
}
