//go:build !race

// Under the race detector sync.Pool drops what it holds, to find races.

package attack_test

import (
	"testing"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/tensor"
)

func TestPerturbAllocatesNothing(t *testing.T) {
	model, x, labels := small[float32](6, 130)
	for _, ball := range []attack.Ball{attack.LInf(0.1), attack.L2(0.5), attack.L1(1)} {
		for name, a := range everyAttack(ball) {
			attacker, err := attack.New(model, a)
			if err != nil {
				t.Fatal(err)
			}
			adv := tensor.New[float32](x.Shape...)
			try := func() {
				if err := attacker.Perturb(t.Context(), adv, x, labels); err != nil {
					t.Fatal(err)
				}
			}
			try()
			if n := testing.AllocsPerRun(5, try); n > 0 {
				t.Errorf("%v %s: %v allocations", ball, name, n)
			}
		}
	}
}
