package nn_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// TestMutants plants faults in every layer of the gradient table: each that
// changes a gradient by more than rounding must be found, and named where its
// form has a name. By default a few of each layer's mutants are drawn; with
// GRADUS_ALL set it is all of them.
func TestMutants(t *testing.T) {
	t.Run("float64", testMutants[float64])
	t.Run("float32", testMutants[float32])
}

func testMutants[F tensor.Float](t *testing.T) {
	byKind, tried, caught, named := map[string]int{}, 0, 0, 0
	for n, c := range gradients[F]() {
		inputs := []*tensor.Tensor[F]{tensor.New[F](c.shape...)}
		shapes := [][]int{c.shape}
		for _, p := range nn.Params[F](c.layer) {
			inputs, shapes = append(inputs, p.Value), append(shapes, p.Value.Shape)
		}
		rng := rand.New(rand.NewPCG(8, uint64(n)))
		faults := faultsOf[F](shapes)
		rng.Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] })
		before := caught
		for _, f := range faults {
			if !all() && caught == before+13 {
				break
			}
			for _, x := range inputs {
				tensor.Normal(x, rng, 0, 1)
			}
			tried++
			m := newMutant(c.layer, f)
			v := autodiff.Check(m.forward, inputs...)
			switch {
			case m.effect == 0:
				if !v.OK {
					t.Errorf("%s, %s: changes nothing, but: %v", c.name, f.name, v)
				}
				continue
			case m.effect < 5e-4:
				continue // it may be taken for rounding
			case v.OK || len(v.Findings) == 0:
				t.Errorf("%s, %s: not caught, though a gradient is %.2g off: %v", c.name, f.name, m.effect, v)
				continue
			}
			caught++
			if f.open || m.effect < nameable[F]() {
				continue
			}
			if err := m.diagnosed(v); err != nil {
				t.Errorf("%s, %s: %v: %v", c.name, f.name, err, v)
			} else {
				named++
			}
		}
		if caught-before < 12 {
			t.Errorf("%s: %d faults caught, want at least 12", c.name, caught-before)
		}
		byKind[nn.KindOf(c.layer)] += caught - before
	}
	t.Logf("%d mutants, %d caught, all that change a gradient; %d by name: %v", tried, caught, named, byKind)
}

// nameable is the effect from which on a fault's name is demanded: ten times
// what Check resolves. Below, a few elements may be told from right ones and a
// few not, and what they have in common is left open.
func nameable[F tensor.Float]() float64 {
	if _, ok := any(F(0)).(float32); ok {
		return 2e-3
	}
	return 0
}

// all reports whether tests that draw a part of many cases should run them all.
func all() bool { return os.Getenv("GRADUS_ALL") != "" }

// diagnosed returns an error unless the verdict names the fault, its input and
// its factor or shift, and no other.
func (m *mutant[F]) diagnosed(v *autodiff.Verdict) error {
	f := m.fault
	i := slices.IndexFunc(v.Diagnosis, func(d autodiff.Diagnosis) bool { return d.Input == f.input })
	if i < 0 {
		return fmt.Errorf("no diagnosis of input %d", f.input)
	}
	switch d := v.Diagnosis[i]; {
	case len(v.Diagnosis) > 1:
		return fmt.Errorf("%d diagnoses, want one", len(v.Diagnosis))
	case d.Cause != f.cause:
		return fmt.Errorf("cause %d, want %d", d.Cause, f.cause)
	case d.Cause == autodiff.Factor && math.Abs(d.Factor-f.detail.Factor) > 0.05*math.Abs(f.detail.Factor-1):
		return fmt.Errorf("factor %v, want %v", d.Factor, f.detail.Factor)
	case d.Cause == autodiff.Shift && !m.shifted(d):
		return fmt.Errorf("shift %d along %d, want %d along %d", d.Shift, d.Axis, f.detail.Shift, f.detail.Axis)
	}
	return nil
}

// shifted reports whether the wrong gradient is the right one shifted as a
// diagnosis says. A sparse gradient can be so in several ways.
func (m *mutant[F]) shifted(d autodiff.Diagnosis) bool {
	right, wrong := m.right[d.Input], m.wrong[d.Input]
	size, stride := len(right.Data), 1
	if d.Axis >= 0 {
		size, stride = right.Shape[d.Axis], tensor.Size(right.Shape[d.Axis+1:])
	}
	for j, g := range wrong.Data {
		if at := j/stride%size + d.Shift; at >= 0 && at < size && g != right.Data[j+d.Shift*stride] {
			return false
		}
	}
	return 2*max(d.Shift, -d.Shift) <= size
}
