package autodiff_test

import (
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

func TestSharedLeafAccumulates(t *testing.T) {
	value, grad := tensor.From([]float64{3}, 1, 1), tensor.New[float64](1, 1)
	unused, unusedGrad := tensor.New[float64](2), tensor.From([]float64{7, 7}, 2)
	tape := autodiff.NewTape[float64]()
	for range 2 { // the second step must not see the first one's gradient
		tape.Reset()
		x := tape.Constant(tensor.From([]float64{2}, 1, 1))
		h := autodiff.MatMul(x, tape.Leaf(value, grad), tensor.Product[float64]{})
		h = autodiff.MatMul(h, tape.Leaf(value, grad), tensor.Product[float64]{})
		tape.Leaf(unused, unusedGrad)
		tape.Backward(h)
		if h.Value.Data[0] != 18 || grad.Data[0] != 12 {
			t.Fatalf("2·w² at w = 3: got %v with gradient %v, want 18 and 12", h.Value.Data[0], grad.Data[0])
		}
		if !slices.Equal(unusedGrad.Data, []float64{0, 0}) {
			t.Fatalf("gradient of an unused leaf: got %v, want zeros", unusedGrad.Data)
		}
	}
}
