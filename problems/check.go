package problems

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/internal/seeds"
)

// Check draws random instances of an operation, cases of them, and compares
// its results with those of the operation's independent method. The instances
// are a function of the seed. An error means that the solver refused a valid
// instance.
func (o Operation) Check(seed uint64, cases int) (*Comparison, error) {
	return o.run(seed, cases, corruption{})
}

func (o Operation) run(seed uint64, cases int, change corruption) (*Comparison, error) {
	c := &Comparison{}
	var pcg rand.PCG
	rng := rand.New(&pcg)
	for i := range cases {
		seeds.Set(&pcg, seed, uint64(i))
		if err := o.verify(rng, c, change); err != nil {
			return c, fmt.Errorf("%s: case %d: %w", o.Name, i, err)
		}
	}
	return c, nil
}
