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
		after: make([]FunctionMoments, n), hermite: make([][]float64, n), result: tensor.New[float64](n, n)}
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
	hermite    [][]float64 // of each unit, divided by its deviation's power
	result     *tensor.Tensor[float64]
}

func (a *unitsThrough) units(block int) {
	n := len(a.mean)
	lo, hi := parallel.Span(block, unitsPerBlock, n)
	for i := lo; i < hi; i++ {
		variance := max(0, a.covariance.Data[i*n+i])
		a.after[i] = through(a.function, a.mean[i], variance)
		a.hermite[i] = make([]float64, powers+1)
		if variance == 0 {
			continue
		}
		s := math.Sqrt(variance)
		scale := 1.0
		for k, v := range hermiteCoefficients(a.function, a.mean[i], s, powers+1) {
			a.hermite[i][k] = v * scale // so that covariances stand for correlations
			scale /= s
		}
	}
}

func (a *unitsThrough) pairs(block int) {
	n := len(a.mean)
	lo, hi := parallel.Span(block, unitsPerBlock, n)
	for i := lo; i < hi; i++ {
		for j := range n {
			c, sum := a.covariance.Data[i*n+j], 0.0
			for k := powers; k > 0; k-- {
				sum = (sum + a.hermite[i][k]*a.hermite[j][k]) * c
			}
			a.result.Data[i*n+j] = sum
		}
		a.result.Data[i*n+i] = a.after[i].Variance
	}
}
