package simd_test

import (
	"fmt"

	"github.com/gradus-ml/gradus/internal/simd"
)

// A step of gradient descent with momentum, in place, and the norm of what it
// leads to.
func Example() {
	theta := []float32{3, -4}
	gradient := []float32{1, 2}
	velocity := make([]float32, 2)

	simd.HeavyBall(velocity, gradient, 0.9)
	simd.AddScaled(theta, velocity, -0.5)

	fmt.Println(theta, simd.SumSquares(theta))
	// Output: [2.5 -5] 31.25
}
