package dataset

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/internal/seeds"
)

// Split names a part of a data set.
type Split int

// The parts that public data sets come in.
const (
	Train Split = iota // what a model may learn from
	Test               // what it is judged by, and never sees before
)

// String is "train" or "test".
func (s Split) String() string {
	switch s {
	case Train:
		return "train"
	case Test:
		return "test"
	}
	return fmt.Sprintf("Split(%d)", int(s))
}

// ParseSplit is the inverse of String.
func ParseSplit(name string) (Split, error) {
	for _, s := range []Split{Train, Test} {
		if name == s.String() {
			return s, nil
		}
	}
	return 0, fmt.Errorf("split %q: want train or test", name)
}

// HoldOut splits a source into two: held gets the given fraction of the
// examples, rest the others, both in the source's order. The split is
// stratified: each class, and examples without label, is divided in the same
// proportion to within one example. It is a pure function of the labels and
// the seed.
//
// The fraction must lie in (0, 1) and leave at least one example on each side.
func HoldOut(source Source, fraction float64, seed uint64) (rest, held Source, err error) {
	labels, err := Labels(source)
	if err != nil {
		return nil, nil, err
	}
	restIndices, heldIndices, err := HoldOutIndices(labels, fraction, seed)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", source.Info().Name, err)
	}
	return Subset(source, restIndices), Subset(source, heldIndices), nil
}

// HoldOutIndices is [HoldOut] for labels alone: the indices of the two parts,
// each in increasing order.
func HoldOutIndices(labels []int, fraction float64, seed uint64) (rest, held []int, err error) {
	n := len(labels)
	if size := math.Round(fraction * float64(n)); !(fraction > 0 && fraction < 1 && size > 0 && size < float64(n)) {
		return nil, nil, fmt.Errorf("holding out a fraction %g of %d examples: want a fraction in (0, 1) that leaves examples on both sides", fraction, n)
	}
	order := shuffled(n, seed, 0)
	slices.SortStableFunc(order, func(i, j int) int { return labels[i] - labels[j] })

	// Example k of the order is held where round(fraction·(k+1)) steps up, so
	// that every run of equal labels gets its share and the total is exact.
	for k, i := range order {
		if math.Round(fraction*float64(k+1)) > math.Round(fraction*float64(k)) {
			held = append(held, i)
		} else {
			rest = append(rest, i)
		}
	}
	slices.Sort(rest)
	slices.Sort(held)
	return rest, held, nil
}

// shuffled returns a permutation of [0, n) that depends on the seed and the
// epoch alone.
func shuffled(n int, seed uint64, epoch int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	var pcg rand.PCG
	seeds.Set(&pcg, seed, uint64(epoch))
	rand.New(&pcg).Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
	return order
}
