package problems

import "math/rand/v2"

// Claim is one line of a printed solution, in our words, as a statement that
// can be tried.
type Claim struct {
	Line    string // which line: an equation's number, or where it stands
	Says    string
	Instead string // what is right where the line is not

	// Right is what is known of the claim. It is not used to judge it: tests
	// hold what Verify finds to it.
	Right bool

	// Try draws an instance, small for small sizes, and says whether the claim
	// holds on it; if not, it describes the instance, what the claim says there
	// and what is true.
	Try func(rng *rand.Rand, size int) (holds bool, counterexample string)
}

// ClaimVerdict is what trying a claim came to.
type ClaimVerdict struct {
	Holds          bool   `json:"holds"` // on every instance tried
	Tried          int    `json:"tried"`
	Counterexample string `json:"counterexample,omitempty"` // the smallest found
}

// Verify tries the claim on random instances of growing size, up to the first
// on which it fails.
func (c *Claim) Verify(seed uint64) ClaimVerdict {
	rng := rand.New(rand.NewPCG(seed, 1))
	for i := range instances {
		if holds, why := c.Try(rng, 1+i/10); !holds {
			return ClaimVerdict{false, i + 1, why}
		}
	}
	return ClaimVerdict{true, instances, ""}
}
