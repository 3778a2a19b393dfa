package prox_test

import (
	"fmt"

	"github.com/gradus-ml/gradus/prox"
)

// One exact step of the group lasso: the linearised loss pulls along d, the
// penalty pulls the whole vector to zero.
func Example() {
	solver, err := prox.Euclidean[float64]{}.Solver(prox.Norm[float64]{Rho: prox.Linear{Lambda: 5}})
	if err != nil {
		fmt.Println(err)
		return
	}
	x, d := []float64{4, 2}, []float64{2, -4}
	solver.Step(prox.Point[float64]{X: x, Piece: 2, Direction: d, Times: 1}, 0.5)
	fmt.Println(x)
	// Output: [1.5 2]
}

// A filter is shrunk as a whole, or dropped.
func ExampleApply() {
	filters := []float32{3, 4, 0.3, 0.4}
	prox.Apply(prox.Norm[float32]{Rho: prox.Linear{Lambda: 1}, Per: prox.PerRow}, []int{2, 2}, filters, filters, 1)
	fmt.Println(filters)
	// Output: [2.4 3.2 0 0]
}

// A penalty that is not convex: where its one valley away from zero is no
// lower than zero, zero wins.
func ExampleCertify() {
	for _, a := range []float64{1, 2} {
		l, why, _ := prox.Certify(prox.Log{Lambda: 2, Scale: 0.2}, a, 0.3)
		fmt.Printf("%.3f %v\n", l, why)
	}
	// Output:
	// 0.000 zero
	// 1.681 compared by value
}

// Logits carry what probabilities lose: x rounds to 1, and comes back.
func ExampleBernoulli() {
	unit := prox.Bernoulli[float64]{}
	solver, _ := unit.Solver(prox.None[float64]{})
	x, y := []float64{0.5}, []float64{0}
	for _, d := range []float64{-800, 800} {
		solver.Step(prox.Point[float64]{X: x, Direction: []float64{d}, Times: 1, Dual: y}, 1)
		fmt.Println(x[0], y[0])
	}
	// Output:
	// 1 800
	// 0.5 0
}

// A penalty and a geometry that have no exact step together are refused.
func ExampleGeometry() {
	_, err := prox.Bernoulli[float64]{}.Solver(prox.L2[float64]{Lambda: 1})
	fmt.Println(err)
	// Output: prox: no closed form for prox.L2[float64] with prox.Bernoulli[float64]
}
