package attack_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/opscan"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

func newTape[F tensor.Float]() *autodiff.Tape[F] { return autodiff.NewTape[F]() }

func TestStandardizeGradient(t *testing.T) {
	declared, err := opscan.Ops(".")
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	var ops []string
	for _, n := range []int{1, 2, 12} {
		l := &attack.Standardize[float64]{Mean: make([]float64, n), Std: make([]float64, n)}
		for i := range l.Mean {
			l.Mean[i], l.Std[i] = rng.NormFloat64(), 0.1+rng.ExpFloat64()
		}
		x := tensor.New[float64](3, 2, 3, 2)
		tensor.Normal(x, rng, 0, 1)
		verdict := autodiff.Check(func(tape *autodiff.Tape[float64], x []*autodiff.Var[float64]) *autodiff.Var[float64] {
			y := l.Forward(&nn.Pass[float64]{Tape: tape}, x[0])
			for name := range tape.Ops() {
				ops = append(ops, name)
			}
			return y
		}, x)
		if err := verdict.Err(); err != nil {
			t.Errorf("%d means: %v", n, err)
		}
		y := logitsOf[float64](l, x)
		if at := 12 + 6; y.Data[at] != (x.Data[at]-l.Mean[6%12*n/12])/l.Std[6%12*n/12] {
			t.Errorf("%d means: element %d is %v from %v", n, at, y.Data[at], x.Data[at])
		}
	}
	for _, op := range opscan.Missing(declared, ops) {
		t.Errorf("%s: no gradient check", op)
	}
}

func TestStandardizeRefuses(t *testing.T) {
	for _, bad := range [][2][]float32{{nil, nil}, {{1}, {1, 2}}, {{1}, {0}}, {{1}, {-1}}} {
		if _, err := attack.NewStandardize(bad[0], bad[1]); err == nil {
			t.Errorf("means %v, deviations %v: no error", bad[0], bad[1])
		}
	}
	l, err := attack.NewStandardize([]float32{1, 2}, []float32{1, 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.OutputShape([]int{3, 4}); err == nil {
		t.Error("2 means for 3 channels of 4: no error")
	}
}
