// Package seeds makes independent random streams out of a few numbers, so that
// the randomness of example i in epoch e is a pure function of (seed, e, i)
// and nobody has to draw in order:
//
//	var pcg rand.PCG
//	rng := rand.New(&pcg)
//	seeds.Set(&pcg, seed, uint64(epoch), uint64(index))
package seeds
