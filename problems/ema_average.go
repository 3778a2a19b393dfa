package problems

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/optim"
)

type emaIn struct {
	Q     float64     `json:"q"`
	Init  []float64   `json:"init"`
	Grads [][]float64 `json:"grads"`
}

type emaOut struct {
	Smoothed  [][]float64 `json:"smoothed"`
	Corrected [][]float64 `json:"corrected,omitempty"`
}

func emaAverage() Operation {
	return operation(definition[emaIn, emaOut]{
		name:   "ema",
		method: "the weights of all gradients, summed",
		solve: func(in emaIn) (out emaOut, err error) {
			for _, g := range in.Grads {
				if err := sameLength("init", in.Init, "a row of grads", g); err != nil {
					return out, err
				}
			}
			if out.Smoothed, err = average(optim.EMA[float64]{Q: in.Q}, in.Init, in.Grads); err != nil {
				return out, err
			}
			if !slices.ContainsFunc(in.Init, func(v float64) bool { return v != 0 }) {
				out.Corrected, err = average(optim.EMA[float64]{Q: in.Q, Start: optim.BiasCorrected}, in.Init, in.Grads)
			}
			return out, err
		},
		draw: func(rng *rand.Rand) emaIn {
			n := 1 + rng.IntN(3)
			in := emaIn{Q: drawQ(rng), Init: normal(rng, n), Grads: normals(rng, 1+rng.IntN(8), n)}
			if rng.IntN(2) == 0 {
				in.Init = make([]float64, n)
			}
			return in
		},
		check: func(c *Comparison, in emaIn, out emaOut) {
			smoothed, corrected := make([][]float64, len(in.Grads)), make([][]float64, len(in.Grads))
			for t := range in.Grads {
				for j, start := range in.Init {
					sum, weights := start*math.Pow(1-in.Q, float64(t+1)), 0.0
					for k := range t + 1 {
						w := in.Q * math.Pow(1-in.Q, float64(t-k))
						sum += w * in.Grads[k][j]
						weights += w
					}
					smoothed[t], corrected[t] = append(smoothed[t], sum), append(corrected[t], sum/weights)
				}
			}
			c.matrix("smoothed", out.Smoothed, smoothed, 1e-12)
			if norm(in.Init) > 0 {
				corrected = nil
			}
			c.matrix("corrected", out.Corrected, corrected, 1e-11)
		},
	})
}

// drawQ returns a smoothing weight in (0, 1], at times 1.
func drawQ(rng *rand.Rand) float64 {
	if rng.IntN(8) == 0 {
		return 1
	}
	return between(rng, 0.02, 1)
}

// average returns what an estimator makes of the gradients, from a given start.
func average(e optim.EMA[float64], start []float64, gradients [][]float64) ([][]float64, error) {
	if err := e.Validate(); err != nil {
		return nil, err
	}
	slot := slices.Clone(start)
	path := make([][]float64, len(gradients))
	for t, g := range gradients {
		out := e.Direct(optim.Block[float64]{Direction: g, Times: 1}, [][]float64{slot}, optim.Now{Step: t + 1})
		path[t] = slices.Clone(out.Direction)
		for j := range path[t] {
			path[t][j] *= out.Times
		}
	}
	return path, nil
}

type emaFactorsIn struct {
	Q float64 `json:"q"`
	T int     `json:"t"`
}

type emaFactorsOut struct {
	WeightSum  float64 `json:"weight_sum"`
	Variance   float64 `json:"variance_factor"`
	Corrected  float64 `json:"corrected_variance_factor"`
	Stationary float64 `json:"stationary_variance_factor"`
}

func emaFactors() Operation {
	return operation(definition[emaFactorsIn, emaFactorsOut]{
		name:   "ema_factors",
		method: "the weights of all gradients, summed",
		solve: func(in emaFactorsIn) (out emaFactorsOut, err error) {
			e := optim.EMA[float64]{Q: in.Q}
			if err := e.Validate(); err != nil {
				return out, err
			}
			if in.T < 1 {
				return out, invalid("t is %d: want at least 1", in.T)
			}
			f := e.Factors(in.T)
			return emaFactorsOut{f.WeightSum, f.Variance, f.CorrectedVariance, f.StationaryVariance}, nil
		},
		draw: func(rng *rand.Rand) emaFactorsIn { return emaFactorsIn{Q: drawQ(rng), T: 1 + rng.IntN(40)} },
		check: func(c *Comparison, in emaFactorsIn, out emaFactorsOut) {
			sum, squares, all := 0.0, 0.0, 0.0
			for k := range 2000 {
				w := in.Q * math.Pow(1-in.Q, float64(k))
				if k < in.T {
					sum, squares = sum+w, squares+w*w
				}
				all += w * w
				if w < 1e-20 {
					break
				}
			}
			c.near("weight_sum", out.WeightSum, sum, 1e-12)
			c.near("variance_factor", out.Variance, squares, 1e-12)
			c.near("corrected_variance_factor", out.Corrected, squares/(sum*sum), 1e-11)
			c.near("stationary_variance_factor", out.Stationary, all, 1e-12)
		},
	})
}
