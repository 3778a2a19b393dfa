package dataset

import "math/rand/v2"

// Augment changes an example a little without changing its class. What it
// draws it draws from rng, which [Loader] sets to a stream of its own for each
// (seed, epoch, index); so an augmented epoch is as repeatable as a plain one.
type Augment interface {
	// Augment writes the changed example of the given shape to dst. dst and
	// src do not overlap. It is called from many goroutines.
	Augment(rng *rand.Rand, shape []int, dst, src []float32)
}
