package main

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/binarynet"
	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/train"
)

// binaryFlags make the network one of binary weights.
type binaryFlags struct {
	Binary     *string `enum:"mean,sample,sign" help:"Make each weight of an mlp −1 or +1, and learn with this of its probability: ${enum} (sign is the straight-through estimator). A batch normalisation follows each layer."`
	Bits       bool    `help:"Make the activations of --binary signs as well, so that gradus predict computes in bits."`
	BinaryRate float64 `default:"0.1" placeholder:"RATE" help:"How far a step moves the logit of a binary weight; falls as a cosine (default: ${default})."`
}

// binary replaces the parsed network by one of binary weights, if the flags ask
// for one, and adds the step of its weights to the groups of build.
func (f trainFlags) binary(net nn.Sequential[float32], rng *rand.Rand) (nn.Sequential[float32], error) {
	switch rate := f.BinaryRate; {
	case !(rate > 0) || math.IsInf(rate, 1):
		return nil, badInputf("--binary-rate %v: want a finite number above 0", rate)
	case f.Binary == nil && f.Bits:
		return nil, badInputf("--bits is for networks of binary weights: give --binary too, such as --binary sign")
	case f.Binary == nil:
		return net, nil
	case f.Init != defaultInit:
		return nil, badInputf("--init %s with --binary: a weight of one bit begins undecided, by probabilities that --binary draws itself: leave --init out", f.Init)
	case f.Prune:
		return nil, badInputf("--prune with --binary: a weight of one bit is never zero: leave --prune out")
	case f.Penalty != "" || f.Geometry != "":
		return nil, badInputf("--binary has a geometry of its own for its weights, and no penalties: leave --penalty and --geometry out")
	}
	var binary nn.Sequential[float32]
	var sizes []int
	for _, layer := range net {
		switch l := layer.(type) {
		case nn.Flatten[float32]:
			binary = append(binary, l)
		case *nn.Linear[float32]:
			if shape := l.Weight.Value.Shape; len(sizes) == 0 {
				sizes = append(sizes, shape[1], shape[0])
			} else {
				sizes = append(sizes, shape[0])
			}
		case nn.ReLU[float32]:
		default:
			return nil, badInputf("--binary with --model %s: there is no binary %s: want linear or mlp:WIDTHS alone; a normalisation follows each layer by itself", f.Model, nn.KindOf(layer))
		}
	}
	return append(binary, binarynet.NewMLP[float32](sizes, binarynet.Options{Train: *f.Binary, Bits: f.Bits}, rng)...), nil
}

// binaryGroups is the step of the binary weights, before those of the others.
func (f trainFlags) binaryGroups(others []optim.Group[float32], steps int) []optim.Group[float32] {
	if f.Binary == nil {
		return others
	}
	rate := optim.Cosine{From: f.BinaryRate, To: f.BinaryRate / 100, Steps: steps}
	return append([]optim.Group[float32]{binarynet.Group(binarynet.MirrorStep[float32](rate))}, others...)
}

// recalibrated is how many training examples set the statistics of a network of
// signs that was trained as another, in batches of recalibratedTogether.
const (
	recalibrated         = 10000
	recalibratedTogether = 500
)

// recalibrates reports whether a network predicts otherwise than it learns.
func (f binaryFlags) recalibrates() bool { return f.Binary != nil && *f.Binary != binarynet.Sign }

// recalibrate measures the statistics of a network of binary weights as it
// predicts, on some of what it learns from, where that is not as it was trained.
func (r *trainingRun) recalibrate(ctx context.Context) error {
	if !r.flags.recalibrates() {
		return nil
	}
	learned := r.config.Train
	if r.config.HoldOut > 0 {
		var err error
		if learned, _, err = dataset.HoldOut(learned, r.config.HoldOut, r.config.Seed); err != nil {
			return err
		}
	}
	loader := dataset.Loader{
		Source: learned, BatchSize: recalibratedTogether, Shuffle: true, Seed: r.flags.Seed, DropLast: learned.Len() > recalibratedTogether,
	}
	batches, err := train.Inputs(ctx, r.model, loader, recalibrated/recalibratedTogether)
	if err != nil {
		return err
	}
	return binarynet.Recalibrate(r.model.Net, batches, rand.New(rand.NewPCG(r.flags.Seed, 1)))
}
