package problems

import (
	"testing"
)

func TestCheck(t *testing.T) {
	for _, p := range All() {
		for _, o := range p.Operations {
			t.Run(p.Slug+"/"+o.Name, func(t *testing.T) {
				c, err := o.Check(t.Context(), 1, 300)
				if err != nil {
					t.Fatal(err)
				}
				if c.Worst > 1 {
					t.Errorf("%s: error %g, tolerance %g, at %s", c.Field, c.Error, c.Tolerance, c.Instance)
				}
				if c.Tolerance == 0 {
					t.Error("the check compared nothing")
				}
			})
		}
	}
}
