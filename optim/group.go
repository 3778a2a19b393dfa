package optim

import (
	"fmt"
	"path"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Group gives some parameters a step of their own, such as no decay on biases:
//
//	optim.Group[float32]{Match: "*.bias", Step: optim.AdamStep[float32](1e-3)}
type Group[F tensor.Float] struct {
	// Match is a pattern of path.Match for the parameter's path. Paths have no
	// slash, so * matches any part of one.
	Match string

	// Where selects parameters that no pattern describes. Exactly one of Match
	// and Where is set.
	Where func(path string, p *nn.Param[F]) bool

	Step Step[F]
}

func (g Group[F]) validate() error {
	if (g.Match == "") == (g.Where == nil) {
		return fmt.Errorf("group %q: want exactly one of Match and Where", g.Match)
	}
	if _, err := path.Match(g.Match, ""); err != nil {
		return fmt.Errorf("group %q: %w", g.Match, err)
	}
	return nil
}

func (g Group[F]) holds(name string, p *nn.Param[F]) bool {
	if g.Where != nil {
		return g.Where(name, p)
	}
	ok, _ := path.Match(g.Match, name) // validate has tried the pattern
	return ok
}
