package problems

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/kmeans"
)

type lloydIn struct {
	X       [][]float64 `json:"X"`
	Centers [][]float64 `json:"centers"`
	MaxIter int         `json:"max_iter"`
}

type lloydOut struct {
	Centers    [][]float64 `json:"centers"`
	Labels     []int       `json:"labels"`
	Inertia    float64     `json:"inertia"`
	Trajectory []float64   `json:"inertia_trajectory"`
	Updates    int         `json:"updates"`
}

func kmeansLloyd() Operation {
	return operation(definition[lloydIn, lloydOut]{
		name:   "lloyd",
		method: "the iteration in plain loops; the inertia never rises",
		solve: func(in lloydIn) (out lloydOut, err error) {
			x, centers, err := clustering(in.X, in.Centers)
			if err := first(err, wantSteps("max_iter", in.MaxIter, 1)); err != nil {
				return out, err
			}
			r, err := kmeans.Lloyd(context.Background(), x, centers, kmeans.Config{MaxUpdates: in.MaxIter, Trajectory: true})
			if err != nil {
				return out, err
			}
			return lloydOut{rowsOf(r.Centers), r.Labels, r.Inertia, r.Trajectory, r.Updates}, nil
		},
		draw: func(rng *rand.Rand) lloydIn {
			x, centers := drawClusters(rng, 9)
			return lloydIn{x, centers, rng.IntN(8)}
		},
		check: func(c *Comparison, in lloydIn, out lloydOut) {
			centers, updates := in.Centers, 0
			labels, inertia := assign(in.X, centers)
			trajectory := []float64{inertia}
			for updates < in.MaxIter {
				moved := make([][]float64, len(centers))
				for k, y := range centers {
					moved[k] = slices.Clone(y)
					for j := range y {
						sum, n := 0.0, 0.0
						for i, label := range labels {
							if label == k {
								sum, n = sum+in.X[i][j], n+1
							}
						}
						if n > 0 {
							moved[k][j] = sum / n
						}
					}
				}
				before := labels
				centers, updates = moved, updates+1
				labels, inertia = assign(in.X, centers)
				trajectory = append(trajectory, inertia)
				if slices.Equal(labels, before) {
					break
				}
			}
			c.matrix("centers", out.Centers, centers, 1e-11)
			c.demand("labels", slices.Equal(out.Labels, labels))
			c.demand("updates", out.Updates == updates)
			c.near("inertia", out.Inertia, inertia, 1e-10)
			c.vector("inertia_trajectory", out.Trajectory, trajectory, 1e-10)
			for i := 1; i < len(out.Trajectory); i++ {
				c.atMost("inertia_trajectory", out.Trajectory[i], out.Trajectory[i-1], 1e-12)
			}
		},
	})
}

type plusPlusIn struct {
	X        [][]float64 `json:"X"`
	K        int         `json:"K"`
	Uniforms []float64   `json:"uniforms"`
}

type plusPlusOut struct {
	Indices []int `json:"indices"`
}

func kmeansPlusPlus() Operation {
	return operation(definition[plusPlusIn, plusPlusOut]{
		name:   "kmeanspp",
		method: "all distances anew for each choice",
		solve: func(in plusPlusIn) (out plusPlusOut, err error) {
			if in.K != len(in.Uniforms) {
				return out, wantLength("uniforms", in.Uniforms, in.K, "one for each of K")
			}
			x, err := points("X", in.X, columns(in.X))
			if err != nil {
				return out, err
			}
			out.Indices, _, err = kmeans.PlusPlus(context.Background(), x, in.Uniforms)
			return out, err
		},
		draw: func(rng *rand.Rand) plusPlusIn {
			x, _ := drawClusters(rng, 8)
			if rng.IntN(4) == 0 {
				for i := range x {
					x[i] = x[0] // no distance left to draw by
				}
			}
			k := 1 + rng.IntN(len(x))
			return plusPlusIn{x, k, uniform(rng, k, 0, 1)}
		},
		check: func(c *Comparison, in plusPlusIn, out plusPlusOut) {
			chosen := []int{int(in.Uniforms[0] * float64(len(in.X)))}
			for _, u := range in.Uniforms[1:] {
				centers := make([][]float64, len(chosen))
				for k, i := range chosen {
					centers[k] = in.X[i]
				}
				_, total := assign(in.X, centers)
				sum, choice := 0.0, -1
				for i, x := range in.X {
					_, squared := nearest(x, centers)
					sum += squared
					if choice < 0 && (total > 0 && sum > u*total || total == 0 && !slices.Contains(chosen, i)) {
						choice = i
					}
				}
				chosen = append(chosen, choice)
			}
			c.demand("indices", slices.Equal(out.Indices, chosen))
		},
	})
}
