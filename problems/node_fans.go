package problems

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/moments"
)

type fansIn struct {
	In     int   `json:"in_channels"`
	Out    int   `json:"out_channels"`
	Kernel []int `json:"kernel"`
	Groups int   `json:"groups"`
	Stride []int `json:"stride"`
}

type fansOut struct {
	In       int     `json:"fan_in"`
	Out      int     `json:"fan_out"`
	Backward float64 `json:"backward_fan"`
}

func nodeFans() Operation {
	return operation(definition[fansIn, fansOut]{
		name:   "fans",
		method: "counting",
		solve: func(in fansIn) (out fansOut, err error) {
			f, err := moments.Fans(in.In, in.Out, in.Kernel, in.Groups, in.Stride)
			return fansOut{f.In, f.Out, f.Backward}, err
		},
		draw: func(rng *rand.Rand) fansIn {
			in := fansIn{Groups: 1 + rng.IntN(3), Kernel: []int{}, Stride: []int{}}
			in.In, in.Out = in.Groups*(1+rng.IntN(4)), in.Groups*(1+rng.IntN(4))
			for range rng.IntN(3) {
				in.Kernel, in.Stride = append(in.Kernel, 1+rng.IntN(5)), append(in.Stride, 1+rng.IntN(3))
			}
			return in
		},
		check: func(c *Comparison, in fansIn, out fansOut) {
			taps, backward := 1, 1.0
			for d, k := range in.Kernel {
				taps *= k
				readers := 0 // of the inputs of one stride, far from the borders
				for at := range in.Stride[d] {
					for tap := range k {
						if (at+tap)%in.Stride[d] == 0 {
							readers++
						}
					}
				}
				backward *= float64(readers) / float64(in.Stride[d])
			}
			read, readBy := 0, 0
			for i := range in.In {
				for o := range in.Out {
					if i*in.Groups/in.In != o*in.Groups/in.Out {
						continue // of different groups
					}
					if o == 0 {
						read += taps
					}
					if i == 0 {
						readBy++
					}
				}
			}
			c.demand("fan_in", out.In == read)
			c.demand("fan_out", out.Out == readBy*taps)
			c.near("backward_fan", out.Backward, float64(readBy)*backward, 1e-13)
		},
	})
}

type convMapIn struct {
	Second   [][]float64 `json:"second_moment_x"`
	Kernel   int         `json:"kernel"`
	Dilation int         `json:"dilation"`
	Stride   int         `json:"stride"`
	Padding  int         `json:"padding"`
	VarW     float64     `json:"var_w"`
	VarB     float64     `json:"var_b"`
}

type convMapOut struct {
	Var []float64 `json:"var_y"`
}

func nodeConvolution() Operation {
	return operation(definition[convMapIn, convMapOut]{
		name:   "conv_variance_map",
		method: "outputs for one weight at a time",
		solve: func(in convMapIn) (out convMapOut, err error) {
			if err := filterSizes(map[string]int{"kernel": in.Kernel, "dilation": in.Dilation, "stride": in.Stride, "padding": in.Padding}); err != nil {
				return out, err
			}
			out.Var, err = moments.ConvVarianceMap(in.Second, in.Kernel, in.Dilation, in.Stride, in.Padding, in.VarW, in.VarB)
			return out, err
		},
		draw: func(rng *rand.Rand) convMapIn {
			in := convMapIn{Second: make([][]float64, 1+rng.IntN(2)), Kernel: 1 + rng.IntN(4), Dilation: 1 + rng.IntN(2), Stride: 1 + rng.IntN(2), Padding: rng.IntN(3), VarW: between(rng, 0.01, 1), VarB: between(rng, 0, 1)}
			n := 1 + rng.IntN(9)
			for c := range in.Second {
				in.Second[c] = uniform(rng, n, 0, 2)
			}
			return in
		},
		check: func(c *Comparison, in convMapIn, out convMapOut) {
			var want []float64
			for tap := range in.Kernel {
				w := make([]float64, in.Kernel)
				w[tap] = in.VarW
				for r, y := range newFilterPlain(w, 0, in.Dilation, in.Stride, in.Padding, in.Second).outputs() {
					for i, v := range y {
						if r == 0 && tap == 0 {
							want = append(want, in.VarB)
						}
						want[i] += v
					}
				}
			}
			c.vector("var_y", out.Var, want, 1e-12)
		},
	})
}

type initStdIn struct {
	Mode   string  `json:"mode"`
	FanIn  int     `json:"fan_in"`
	FanOut int     `json:"fan_out"`
	Gain   float64 `json:"gain"`
}

type initStdOut struct {
	Std   float64 `json:"std"`
	Var   float64 `json:"var"`
	Bound float64 `json:"uniform_bound"`
}

func nodeInitStd() Operation {
	return operation(definition[initStdIn, initStdOut]{
		name:   "init_std",
		method: "the variance of the sum that it keeps, and of the uniform distribution",
		solve: func(in initStdIn) (out initStdOut, err error) {
			std, err := moments.InitStd(in.Mode, in.FanIn, in.FanOut, in.Gain)
			return initStdOut{std, std * std, math.Sqrt(3) * std}, err
		},
		draw: func(rng *rand.Rand) initStdIn {
			return initStdIn{[]string{"fan_in", "fan_out", "fan_avg"}[rng.IntN(3)], 1 + rng.IntN(500), 1 + rng.IntN(500), between(rng, 0.5, 2)}
		},
		check: func(c *Comparison, in initStdIn, out initStdOut) {
			fan := map[string]float64{"fan_in": float64(in.FanIn), "fan_out": float64(in.FanOut), "fan_avg": float64(in.FanIn+in.FanOut) / 2}[in.Mode]
			c.near("var", fan*out.Var, in.Gain*in.Gain, 1e-12)
			c.near("std", math.Sqrt(fan)*out.Std, in.Gain, 1e-12)
			b := out.Bound
			c.demand("uniform_bound", b > 0)
			c.near("uniform_bound", fan*integrate(func(x float64) float64 { return x * x / (2 * b) }, -b, b, 1), in.Gain*in.Gain, 1e-12)
		},
	})
}
