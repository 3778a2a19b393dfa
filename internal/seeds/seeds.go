package seeds

import "math/rand/v2"

// Set puts pcg at the start of the stream of parts. Streams of parts that
// differ in a single bit have nothing to do with each other. It allocates
// nothing.
func Set(pcg *rand.PCG, parts ...uint64) {
	var hi, lo uint64 = 0, 1
	for _, p := range parts {
		hi = mix(hi + p)
		lo = mix(lo + hi)
	}
	pcg.Seed(hi, lo)
}

// mix is the step and the finaliser of SplitMix64 (Steele, Lea and Flood,
// OOPSLA 2014): a bijection in which each input bit flips half the output.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
