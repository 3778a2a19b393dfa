package gen

import (
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/operand"
)

// Place is where an argument or result of the function at hand lies in its
// frame. It panics if it is not one that a register holds: that is an error in a
// generator.
func Place(c gotypes.Component) operand.Mem {
	b, err := c.Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}
