package problems

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/kmeans"
)

// schedule is a rate as JSON: a kind and its own parameters, no others.
type schedule struct {
	Kind   string   `json:"kind"`
	Alpha  *float64 `json:"alpha"`
	Alpha0 *float64 `json:"alpha0"`
	T0     *float64 `json:"t0"`
	P      *float64 `json:"p"`
}

func (s schedule) rate() (kmeans.Rate, error) {
	given := func(parameters ...*float64) bool { return !slices.Contains(parameters, nil) }
	absent := func(parameters ...*float64) bool {
		return !slices.ContainsFunc(parameters, func(p *float64) bool { return p != nil })
	}
	switch s.Kind {
	case "constant":
		if given(s.Alpha) && absent(s.Alpha0, s.T0, s.P) {
			return kmeans.ConstantRate(*s.Alpha), nil
		}
	case "inverse_count":
		if absent(s.Alpha, s.Alpha0, s.T0, s.P) {
			return kmeans.InverseCount(), nil
		}
	case "power":
		if given(s.Alpha0, s.T0, s.P) && absent(s.Alpha) {
			return kmeans.Power(*s.Alpha0, *s.T0, *s.P), nil
		}
	default:
		return kmeans.Rate{}, invalid("schedule: no kind %q", s.Kind)
	}
	return kmeans.Rate{}, domain.Errorf(BadInput, "schedule: want constant with alpha, inverse_count, or power with alpha0, t0 and p")
}

type onlineIn struct {
	X             [][]float64 `json:"X"`
	Centers       [][]float64 `json:"centers"`
	Schedule      schedule    `json:"schedule"`
	Epochs        int         `json:"epochs"`
	InitialCounts []int       `json:"initial_counts"`
}

type onlineOut struct {
	Centers [][]float64 `json:"centers"`
	Counts  []int       `json:"counts"`
	Labels  []int       `json:"labels"`
}

// learner returns an online learner that starts with the given counts.
func learner(centers [][]float64, rate kmeans.Rate, counts []int) (*kmeans.Online[float64], error) {
	_, c, err := clustering(nil, centers)
	if err := first(err, sameLength("centers", centers, "initial_counts", counts)); err != nil {
		return nil, err
	}
	o, err := kmeans.NewTracker(c, rate)
	if err != nil {
		return nil, err
	}
	copy(o.Counts, counts)
	return o, o.Validate()
}

func kmeansOnline() Operation {
	return operation(definition[onlineIn, onlineOut]{
		name:   "online",
		method: "the weights of all examples, summed",
		solve: func(in onlineIn) (out onlineOut, err error) {
			rate, err := in.Schedule.rate()
			if err := first(err, wantSteps("epochs", in.Epochs, len(in.X))); err != nil {
				return out, err
			}
			x, _, err := clustering(in.X, in.Centers)
			if err != nil {
				return out, err
			}
			o, err := learner(in.Centers, rate, in.InitialCounts)
			if err != nil {
				return out, err
			}
			for range in.Epochs {
				labels := make([]int, len(in.X))
				if err := o.Learn(context.Background(), x, labels); err != nil {
					return out, err
				}
				out.Labels = append(out.Labels, labels...)
			}
			out.Centers, out.Counts = rowsOf(o.Centers), o.Counts
			return out, nil
		},
		draw: func(rng *rand.Rand) (in onlineIn) {
			in.X, in.Centers = drawClusters(rng, 8)
			in.Epochs, in.InitialCounts = 1+rng.IntN(2), make([]int, len(in.Centers))
			for k := range in.InitialCounts {
				in.InitialCounts[k] = rng.IntN(3)
			}
			switch rng.IntN(3) {
			case 0:
				in.Schedule = schedule{Kind: "constant", Alpha: new(between(rng, 0.05, 1))}
			case 1:
				in.Schedule = schedule{Kind: "inverse_count"}
			default:
				in.Schedule = schedule{Kind: "power", Alpha0: new(between(rng, 0.1, 1)), T0: new(between(rng, 1, 10)), P: new(between(rng, 0.5, 1))}
			}
			return in
		},
		check: checkOnline,
	})
}

func checkOnline(c *Comparison, in onlineIn, out onlineOut) {
	counts := slices.Clone(in.InitialCounts)
	// What each center has seen: its start, and the examples it won, with the
	// rate at which it took each. A center is recomputed from all of them.
	type seen struct {
		x     []float64
		alpha float64
	}
	history := make([][]seen, len(in.Centers))
	at := func(k int) []float64 {
		y := make([]float64, len(in.Centers[k]))
		left := 1.0
		for _, s := range slices.Backward(history[k]) {
			for j, v := range s.x {
				y[j] += left * s.alpha * v
			}
			left *= 1 - s.alpha
		}
		for j, v := range in.Centers[k] {
			y[j] += left * v
		}
		return y
	}
	centers := make([][]float64, len(in.Centers))
	for k := range centers {
		centers[k] = at(k)
	}
	var labels []int
	for t := range in.Epochs * len(in.X) {
		x := in.X[t%len(in.X)]
		k, _ := nearest(x, centers)
		labels = append(labels, k)
		counts[k]++
		alpha := 1 / float64(counts[k])
		switch s := in.Schedule; s.Kind {
		case "constant":
			alpha = *s.Alpha
		case "power":
			alpha = *s.Alpha0 / math.Pow(1+float64(t)/(*s.T0), *s.P)
		}
		history[k] = append(history[k], seen{x, alpha})
		centers[k] = at(k)
	}
	c.demand("labels", slices.Equal(out.Labels, labels))
	c.demand("counts", slices.Equal(out.Counts, counts))
	c.matrix("centers", out.Centers, centers, 1e-11)
}

type minibatchIn struct {
	X             [][]float64 `json:"X"`
	Centers       [][]float64 `json:"centers"`
	Batches       [][]int     `json:"batches"`
	InitialCounts []int       `json:"initial_counts"`
}

type minibatchOut struct {
	Centers [][]float64 `json:"centers"`
	Counts  []int       `json:"counts"`
}

func kmeansMinibatch() Operation {
	return operation(definition[minibatchIn, minibatchOut]{
		name:   "minibatch",
		method: "weighted means of whole batches",
		solve: func(in minibatchIn) (out minibatchOut, err error) {
			x, _, err := clustering(in.X, in.Centers)
			if err != nil {
				return out, err
			}
			o, err := learner(in.Centers, kmeans.InverseCount(), in.InitialCounts)
			if err != nil {
				return out, err
			}
			for b, batch := range in.Batches {
				for _, i := range batch {
					if i < 0 || i >= len(in.X) {
						return out, invalid("batches[%d] holds %d: want indices in [0, %d)", b, i, len(in.X))
					}
				}
				if err := o.LearnBatch(context.Background(), kmeans.Rows(x, batch), nil); err != nil {
					return out, err
				}
			}
			return minibatchOut{rowsOf(o.Centers), o.Counts}, nil
		},
		draw: func(rng *rand.Rand) (in minibatchIn) {
			in.X, in.Centers = drawClusters(rng, 8)
			in.InitialCounts = make([]int, len(in.Centers))
			for k := range in.InitialCounts {
				in.InitialCounts[k] = rng.IntN(3)
			}
			for range 1 + rng.IntN(3) {
				in.Batches = append(in.Batches, rng.Perm(len(in.X))[:1+rng.IntN(len(in.X))])
			}
			return in
		},
		check: func(c *Comparison, in minibatchIn, out minibatchOut) {
			centers, counts := in.Centers, slices.Clone(in.InitialCounts)
			for _, batch := range in.Batches {
				moved := make([][]float64, len(centers))
				for k, y := range centers {
					sum, n := make([]float64, len(y)), 0
					for _, i := range batch {
						if winner, _ := nearest(in.X[i], centers); winner == k {
							n++
							for j, v := range in.X[i] {
								sum[j] += v
							}
						}
					}
					moved[k] = slices.Clone(y)
					if n > 0 {
						for j := range sum {
							moved[k][j] = (float64(counts[k])*y[j] + sum[j]) / float64(counts[k]+n)
						}
					}
					counts[k] += n
				}
				centers = moved
			}
			c.matrix("centers", out.Centers, centers, 1e-11)
			c.demand("counts", slices.Equal(out.Counts, counts))
		},
	})
}
