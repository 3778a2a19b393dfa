package bench

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/tensor"
)

// products are square matrix products in float32: gemm_256 … gemm_2048.
func products() []Workload {
	var all []Workload
	for _, n := range []int{256, 512, 1024, 2048} {
		all = append(all, Workload{
			Name: fmt.Sprintf("gemm_%d", n), Unit: GFLOPS, Warm: 3, Counted: 20,
			Operations: 2 * float64(n) * float64(n) * float64(n),
			Bytes:      3 * 4 * float64(n) * float64(n),
			Prepare: func(Environment) (func(), error) {
				rng := newRand()
				a, b, c := normal(rng, n, n), normal(rng, n, n), tensor.New[float32](n, n)
				return func() { tensor.MatMul(c, a, b, tensor.Product[float32]{}) }, nil
			},
		})
	}
	return all
}

// newRand is the source of every workload's data: the same each time.
func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 1)) }

func normal(rng *rand.Rand, shape ...int) *tensor.Tensor[float32] {
	t := tensor.New[float32](shape...)
	tensor.Normal(t, rng, 0, 1)
	return t
}

func uniform(rng *rand.Rand, shape ...int) *tensor.Tensor[float32] {
	t := tensor.New[float32](shape...)
	tensor.Uniform(t, rng, 0, 1)
	return t
}
