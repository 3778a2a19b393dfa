package vae_test

import (
	"fmt"

	"github.com/gradus-ml/gradus/vae"
)

func ExampleOptimalVariance() {
	x := [][]float64{{0, 0}, {2, 4}}
	mu := [][][]float64{{{1, 0}}, {{1, 2}}}
	v, err := vae.OptimalVariance(x, mu)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("shared:", v.Shared, "per dimension:", v.PerDimension)
	fmt.Printf("log-density: %.3f shared, %.3f per dimension\n", v.ReconstructionShared, v.ReconstructionPerDimension)
	fmt.Println("‖x−μ‖² + KL assumes a variance of", vae.VarianceOfBeta(1))
	// Output:
	// shared: 1.5 per dimension: [1 2]
	// log-density: -3.243 shared, -3.184 per dimension
	// ‖x−μ‖² + KL assumes a variance of 0.5
}
