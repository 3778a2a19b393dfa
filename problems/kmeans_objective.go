package problems

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/kmeans"
	"github.com/gradus-ml/gradus/tensor"
)

// points turns rows into a tensor of n columns.
func points(name string, rows [][]float64, n int) (*tensor.Tensor[float64], error) {
	if err := wantMatrix(name, rows, len(rows), n); err != nil {
		return nil, err
	}
	return tensor.From(slices.Concat(rows...), len(rows), n), nil
}

// columns returns how long the rows are.
func columns(rows [][]float64) int {
	if len(rows) == 0 {
		return 0
	}
	return len(rows[0])
}

// clustering returns points and centers of one dimension.
func clustering(x, centers [][]float64) (px, pc *tensor.Tensor[float64], err error) {
	if len(centers) == 0 {
		return nil, nil, invalid("centers is empty: want at least one")
	}
	n := columns(centers)
	if n == 0 {
		return nil, nil, invalid("centers have no coordinates")
	}
	pc, err = points("centers", centers, n)
	if err != nil {
		return nil, nil, err
	}
	px, err = points("X", x, n)
	return px, pc, err
}

func rowsOf(t *tensor.Tensor[float64]) [][]float64 {
	rows := make([][]float64, t.Shape[0])
	for i := range rows {
		rows[i] = t.Row(i)
	}
	return rows
}

// nearest returns the lowest index of a nearest center, by its definition.
func nearest(x []float64, centers [][]float64) (index int, squared float64) {
	for k, y := range centers {
		d := difference(x, y)
		if s := dot(d, d); k == 0 || s < squared {
			index, squared = k, s
		}
	}
	return index, squared
}

// drawClusters returns points around a few places, and centers.
func drawClusters(rng *rand.Rand, most int) (x, centers [][]float64) {
	n, k := 1+rng.IntN(3), 1+rng.IntN(3)
	x = normals(rng, k+rng.IntN(most-k+1), n)
	for i, row := range x {
		row[0] += float64(4 * (i % 3))
	}
	centers = normals(rng, k, n)
	for i, row := range centers {
		row[0] += float64(4 * (i % 3))
	}
	return x, centers
}

type nearestIn struct {
	X       []float64   `json:"x"`
	Centers [][]float64 `json:"centers"`
}

type nearestOut struct {
	Value float64     `json:"value"`
	Index int         `json:"index"`
	Grad  [][]float64 `json:"grad"`
}

func kmeansGradient() Operation {
	return operation(definition[nearestIn, nearestOut]{
		name:   "gradient",
		method: "enumeration; differences for the gradient",
		solve: func(in nearestIn) (out nearestOut, err error) {
			x, centers, err := clustering([][]float64{in.X}, in.Centers)
			if err != nil {
				return out, err
			}
			value, index, gradient, err := kmeans.Gradient(x.Row(0), centers)
			if err != nil {
				return out, err
			}
			return nearestOut{value, index, rowsOf(gradient)}, nil
		},
		draw: func(rng *rand.Rand) nearestIn {
			x, centers := drawClusters(rng, 5)
			return nearestIn{x[0], centers}
		},
		check: func(c *Comparison, in nearestIn, out nearestOut) {
			index, value := nearest(in.X, in.Centers)
			c.near("value", out.Value, value, 1e-12)
			c.demand("index", out.Index == index)
			gradient := make([][]float64, len(in.Centers))
			for k, y := range in.Centers {
				gradient[k] = make([]float64, len(y))
				if k == index { // elsewhere the winner does not move f
					y := slices.Clone(y)
					gradient[k] = gradientOf(func() float64 { d := difference(in.X, y); return dot(d, d) }, y)
				}
			}
			c.matrix("grad", out.Grad, gradient, 1e-8)
		},
	})
}

type objectiveIn struct {
	X       [][]float64 `json:"X"`
	Centers [][]float64 `json:"centers"`
}

type objectiveOut struct {
	Labels  []int   `json:"labels"`
	Inertia float64 `json:"inertia"`
}

func kmeansObjective() Operation {
	return operation(definition[objectiveIn, objectiveOut]{
		name:   "objective",
		method: "enumeration",
		solve: func(in objectiveIn) (out objectiveOut, err error) {
			x, centers, err := clustering(in.X, in.Centers)
			if err != nil {
				return out, err
			}
			a, err := kmeans.Assign(context.Background(), x, centers)
			if err != nil {
				return out, err
			}
			return objectiveOut{a.Labels, a.Inertia}, nil
		},
		draw: func(rng *rand.Rand) objectiveIn {
			x, centers := drawClusters(rng, 8)
			return objectiveIn{x, centers}
		},
		check: func(c *Comparison, in objectiveIn, out objectiveOut) {
			labels, inertia := assign(in.X, in.Centers)
			c.demand("labels", slices.Equal(out.Labels, labels))
			c.near("inertia", out.Inertia, inertia, 1e-12)
		},
	})
}

// assign labels all points, by the definition.
func assign(x, centers [][]float64) (labels []int, inertia float64) {
	labels = make([]int, len(x))
	for i, row := range x {
		var squared float64
		labels[i], squared = nearest(row, centers)
		inertia += squared
	}
	return labels, inertia
}

type optimumIn struct {
	X [][]float64 `json:"X"`
	K int         `json:"K"`
}

type optimumOut struct {
	Inertia float64 `json:"inertia"`
	Labels  []int   `json:"labels"`
}

// maxOptimum bounds the points of an optimum, whose cost is exponential.
const maxOptimum = 24

func kmeansOptimum() Operation {
	return operation(definition[optimumIn, optimumOut]{
		name:   "optimum",
		method: "all partitions",
		solve: func(in optimumIn) (out optimumOut, err error) {
			x, err := points("X", in.X, columns(in.X))
			if err != nil {
				return out, err
			}
			if len(in.X) > maxOptimum {
				return out, domain.Errorf(domain.InvalidParameter, "%d points: want at most %d, for the time grows exponentially", len(in.X), maxOptimum)
			}
			out.Inertia, out.Labels, err = kmeans.Optimum(context.Background(), x, in.K)
			return out, err
		},
		draw: func(rng *rand.Rand) optimumIn {
			x, centers := drawClusters(rng, 6)
			return optimumIn{x, len(centers)}
		},
		check: func(c *Comparison, in optimumIn, out optimumOut) {
			labels := make([]int, len(in.X))
			best := scatter(in.X, labels, in.K)
			for next(labels, in.K) {
				best = min(best, scatter(in.X, labels, in.K))
			}
			c.near("inertia", out.Inertia, best, 1e-10)
			if len(out.Labels) != len(in.X) || slices.Max(out.Labels) >= in.K || slices.Min(out.Labels) < 0 {
				c.demand("labels", false)
				return
			}
			c.near("labels", scatter(in.X, out.Labels, in.K), best, 1e-10)
		},
	})
}

// next counts labels up in base k, and reports false after the last.
func next(labels []int, k int) bool {
	for i := range labels {
		if labels[i]++; labels[i] < k {
			return true
		}
		labels[i] = 0
	}
	return false
}

// scatter returns the inertia of a partition around its means.
func scatter(x [][]float64, labels []int, k int) float64 {
	total := 0.0
	for cluster := range k {
		for j := range x[0] {
			mean, count := 0.0, 0.0
			for i, label := range labels {
				if label == cluster {
					mean, count = mean+x[i][j], count+1
				}
			}
			for i, label := range labels {
				if label == cluster {
					d := x[i][j] - mean/count
					total += d * d
				}
			}
		}
	}
	return total
}
