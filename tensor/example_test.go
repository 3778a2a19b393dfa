package tensor_test

import (
	"fmt"

	"github.com/gradus-ml/gradus/tensor"
)

func Example() {
	x := tensor.From([]float64{1, 2, 3, 4, 5, 6}, 3, 2)
	w := tensor.From([]float64{1, 10, 2, 20}, 2, 2) // [out, in]
	y := tensor.New[float64](3, 2)
	tensor.MatMul(y, x, w, tensor.Product[float64]{TransB: true, Bias: []float64{0.5, 0}})
	fmt.Println(y.Row(0), y.Row(2))
	// Output: [21.5 42] [65.5 130]
}
