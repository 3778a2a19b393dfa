package moments

import (
	"math"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/tensor"
)

// powers is how many powers of a correlation between two units are followed:
// beyond, they are small unless the units are nearly the same.
const powers = 12

// activation sends every unit through a function. Two units with correlation ρ
// have the covariance Σ aₖ(i)·aₖ(j)·ρᵏ afterwards.
func (f *fixed[F]) activation(function Function) func(g []float64) []float64 {
	n := len(f.mean)
	a := &unitsThrough{function: function, mean: f.mean, covariance: f.covariance,
		after: make([]FunctionMoments, n), hermite: make([][]float64, n), inverse: make([]float64, n), result: tensor.New[float64](n, n)}
	parallel.Run(parallel.Blocks(n, unitsPerBlock), parallel.Func(a.units))
	parallel.Run(parallel.Blocks(n, unitsPerBlock), parallel.Func(a.pairs))
	f.covariance = a.result
	f.mean = make([]float64, n)
	for i, m := range a.after {
		f.mean[i] = m.Mean
	}
	return func(g []float64) []float64 {
		dx := make([]float64, n)
		for i, v := range g {
			dx[i] = v * a.after[i].SlopeSecondMoment
		}
		return dx
	}
}

const unitsPerBlock = 16

type unitsThrough struct {
	function   Function
	mean       []float64
	covariance *tensor.Tensor[float64]
	after      []FunctionMoments
	hermite    [][]float64 // coefficients of each unit
	inverse    []float64   // of each unit's deviation, 0 where that is 0
	result     *tensor.Tensor[float64]
}

func (a *unitsThrough) units(block int) {
	n := len(a.mean)
	lo, hi := parallel.Span(block, unitsPerBlock, n)
	for i := lo; i < hi; i++ {
		variance := max(0, a.covariance.Data[i*n+i])
		a.after[i] = through(a.function, a.mean[i], variance)
		if variance == 0 {
			a.hermite[i] = make([]float64, powers+1)
			continue
		}
		s := math.Sqrt(variance)
		a.inverse[i] = 1 / s
		a.hermite[i] = hermiteCoefficients(a.function, a.mean[i], s, powers+1)
	}
}

func (a *unitsThrough) pairs(block int) {
	n := len(a.mean)
	lo, hi := parallel.Span(block, unitsPerBlock, n)
	for i := lo; i < hi; i++ {
		for j := range n {
			rho, sum := a.covariance.Data[i*n+j]*a.inverse[i]*a.inverse[j], 0.0
			for k := powers; k > 0; k-- {
				sum = (sum + a.hermite[i][k]*a.hermite[j][k]) * rho
			}
			a.result.Data[i*n+j] = sum
		}
		a.result.Data[i*n+i] = a.after[i].Variance
	}
}
