package problems

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/shift"
)

// priorWorld is a generator over few inputs x: how each class looks, and two
// priors, of training and of use.
type priorWorld struct {
	looks         [][]float64 // p(x|y), a row for each class
	train, target []float64
}

func drawWorld(rng *rand.Rand, size int) priorWorld {
	k, n := 2+rng.IntN(min(size, 2)), 2+rng.IntN(min(size, 2))
	return priorWorld{niceDistributions(rng, size, k, n), niceDistribution(rng, size, k), niceDistribution(rng, size, k)}
}

func (w priorWorld) String() string {
	return fmt.Sprintf("p(x|y) = %v, p = %v, p* = %v", w.looks, w.train, w.target)
}

// joint returns p(x, y) under a prior, a row for each x.
func (w priorWorld) joint(prior []float64) [][]float64 {
	joint := make([][]float64, len(w.looks[0]))
	for x := range joint {
		joint[x] = make([]float64, len(prior))
		for y := range prior {
			joint[x][y] = w.looks[y][x] * prior[y]
		}
	}
	return joint
}

// posterior returns p(y|x) under a prior by counting, a row for each x.
func (w priorWorld) posterior(prior []float64) [][]float64 {
	p := w.joint(prior)
	for x, row := range p {
		all := dot(row, ones(len(row)))
		for y := range row {
			p[x][y] /= all
		}
	}
	return p
}

// weighed returns the outputs for x times p*(y)/p(y).
func (w priorWorld) weighed(x int) []float64 {
	q := w.posterior(w.train)[x]
	for y := range q {
		q[y] *= w.target[y] / w.train[y]
	}
	return q
}

func priorClaims() []Claim {
	return []Claim{
		{
			Line: "the first equation", Says: "in training p(x|y)p(y) = p(y|x)p(x)", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				w := drawWorld(rng, size)
				joint, posterior := w.joint(w.train), w.posterior(w.train)
				for x, row := range joint {
					for y := range row {
						if all := dot(row, ones(len(row))); !agree(row[y], posterior[x][y]*all) {
							return false, fmt.Sprint(w)
						}
					}
				}
				return true, ""
			},
		},
		{
			Line: "the second equation", Says: "when the frequencies of the classes change, p(x|y) remains as it was", Right: false,
			Instead: "that is an assumption, label shift: the frequencies also change where p(y|x) stays and other inputs arrive, and then p(x|y) does not remain",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				w := drawWorld(rng, size)
				inputs, posterior := niceDistribution(rng, size, len(w.looks[0])), w.posterior(w.train)
				moved, same := 0., true
				shares := make([]float64, len(w.train))
				for x, share := range inputs {
					for y := range shares {
						shares[y] += share * posterior[x][y]
					}
				}
				for x, share := range inputs {
					for y := range shares {
						moved = max(moved, shares[y]-w.train[y])
						same = same && agree(share*posterior[x][y]/shares[y], w.looks[y][x])
					}
				}
				return same || moved < 1e-9, fmt.Sprintf("p(x|y) = %v, p = %v; now p(x) = %v with the same p(y|x): the classes have frequencies %.4g, and class 1 has p(x = 1|y) = %.4g instead of %v",
					w.looks, w.train, inputs, shares, inputs[0]*posterior[0][0]/shares[0], w.looks[0][0])
			},
		},
		{
			Line: "the proportionality", Says: "where p(x|y) remains, p_a(y|x) is proportional to p*(y)/p(y)·p(y|x)", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				w := drawWorld(rng, size)
				for x, right := range w.posterior(w.target) {
					got := w.weighed(x)
					all := dot(got, ones(len(got)))
					for y := range got {
						if !agree(got[y]/all, right[y]) {
							return false, fmt.Sprintf("%v, x = %d: %v, right is %v", w, x+1, got, right)
						}
					}
				}
				return true, ""
			},
		},
		{
			Line: "the proportionality, read as equality", Says: "the reweighted outputs are the probabilities p_a(y|x)", Right: false,
			Instead: "after a division by their sum Z(x), which is p_a(x)/p(x)",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				w := drawWorld(rng, size)
				got, right := w.weighed(0), w.posterior(w.target)[0]
				return agree(got[0], right[0]), fmt.Sprintf("%v, x = 1: the reweighted outputs are %.4g, p_a(y|x) is %.4g", w, got, right)
			},
		},
		{
			Line: "the factors", Says: "p*(y)/p(y) corrects for any two priors", Right: false,
			Instead: "where p(y) > 0 for every class with p*(y) > 0: of a class that was never seen the network knows nothing",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				train, target := niceDistribution(rng, size, 2), niceDistribution(rng, size, 2)
				if rng.IntN(2) == 0 {
					train = []float64{1, 0}
				}
				_, err := shift.Weights(train, target)
				return err == nil, fmt.Sprintf("p = %v, p* = %v: %v", train, target, err)
			},
		},
		{
			Line: "the decision", Says: "under 0/1 loss no decision is right more often than the largest reweighted output", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				w := drawWorld(rng, size)
				for x, row := range w.joint(w.target) {
					chosen := argmax(w.weighed(x))
					for other := range row {
						if row[other] > row[chosen]+1e-12 {
							return false, fmt.Sprintf("%v, x = %d: class %d is chosen, class %d is more frequent", w, x+1, chosen+1, other+1)
						}
					}
				}
				return true, ""
			},
		},
		{
			Line: "the decision, without a word on the loss", Says: "the largest reweighted output is the best decision whatever mistakes cost", Right: false,
			Instead: "that is so for the 0/1 loss; in general the decision has the least expected cost under p_a(y|x)",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				w := drawWorld(rng, size)
				dear := float64(1 + rng.IntN(5)) // what deciding 2 costs where the class is 1
				row := w.posterior(w.target)[0]
				risk := make([]float64, len(row))
				for d := range risk {
					for y, p := range row {
						switch {
						case d != y && y == 0:
							risk[d] += dear * p
						case d != y:
							risk[d] += p
						}
					}
				}
				best, chosen := 0, argmax(w.weighed(0))
				for d := range risk {
					if risk[d] < risk[best] {
						best = d
					}
				}
				return risk[chosen] <= risk[best]+1e-12, fmt.Sprintf("%v, x = 1, missing class 1 costs %v, other mistakes 1: class %d is decided at a cost of %.4g, class %d costs %.4g",
					w, dear, chosen+1, risk[chosen], best+1, risk[best])
			},
		},
	}
}
