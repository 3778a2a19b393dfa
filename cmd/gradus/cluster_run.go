package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/gradus-ml/gradus/internal/seeds"
	"github.com/gradus-ml/gradus/kmeans"
	"github.com/gradus-ml/gradus/tensor"
)

// clustering is one run of the command: what it is given, and what it finds.
type clustering struct {
	flags  *clusterCommand
	points *points
	rate   kmeans.Rate
	given  *tensor.Tensor[float32] // centres to start from, nil to seed

	best    *clusters
	scatter float64 // Σ ‖x − mean‖², the inertia of one centre
	curves  []clusterCurve
	seconds float64
}

// clusters is what one algorithm found from one start.
type clusters struct {
	kmeans.Assignment
	centres   *tensor.Tensor[float32]
	counts    []int
	updates   int // of Lloyd's algorithm
	converged bool
	seeding   kmeans.Cost
	cost      kmeans.Cost // of the algorithm, without the seeding
}

// clusterCurve is the inertia a point against distance evaluations.
type clusterCurve struct {
	name      string
	distances []float64
	inertia   []float64
}

// run clusters from every start, keeps the best and compares if asked to.
func (j *clustering) run(ctx context.Context, term *terminal) error {
	begun := time.Now()
	done := term.working(func() string {
		return fmt.Sprintf("%s: %d points, %d centres: %.0f s", j.flags.Algorithm, j.points.x.Shape[0], j.flags.K, time.Since(begun).Seconds())
	})
	defer done()
	for s := range j.flags.Starts {
		centres, cost, err := j.start(ctx, s)
		if err != nil {
			return badInput(err)
		}
		found, err := j.cluster(ctx, j.flags.Algorithm, centres, s, nil)
		if err != nil {
			return badInput(err)
		}
		found.seeding = cost
		if j.best == nil || found.Inertia < j.best.Inertia {
			j.best = found
		}
	}
	one, err := kmeans.Lloyd(ctx, j.points.x, j.points.x.Rows(0, 1), kmeans.Config{MaxUpdates: 1})
	if err != nil {
		return badInput(err)
	}
	j.scatter = one.Inertia
	j.seconds = time.Since(begun).Seconds()
	if j.flags.Plot == "" && j.flags.Report == "" {
		return nil
	}
	centres, _, err := j.start(ctx, 0)
	if err != nil {
		return badInput(err)
	}
	for _, algorithm := range []string{"lloyd", "mini-batch", "online"} {
		curve := clusterCurve{name: algorithm}
		if _, err := j.cluster(ctx, algorithm, centres, 0, &curve); err != nil {
			return badInput(err)
		}
		j.curves = append(j.curves, curve)
	}
	return nil
}

// start returns the centres of start number s.
func (j *clustering) start(ctx context.Context, s int) (*tensor.Tensor[float32], kmeans.Cost, error) {
	if j.given != nil {
		return j.given, kmeans.Cost{}, nil
	}
	rng, k := j.random(s, 0), j.flags.K
	var chosen []int
	var cost kmeans.Cost
	var err error
	if j.flags.Seeding == "greedy" {
		chosen, cost, err = kmeans.Greedy(ctx, j.points.x, k, 2+int(math.Log(float64(k))), rng)
	} else {
		chosen, cost, err = kmeans.PlusPlus(ctx, j.points.x, kmeans.Draws(rng, k))
	}
	if err != nil {
		return nil, cost, err
	}
	return kmeans.Rows(j.points.x, chosen), cost, nil
}

// random is stream number part of start s.
func (j *clustering) random(s, part int) *rand.Rand {
	var pcg rand.PCG
	seeds.Set(&pcg, j.flags.Seed, uint64(s), uint64(part))
	return rand.New(&pcg)
}

// cluster runs one algorithm from the given centres and notes its course in
// curve, if not nil.
func (j *clustering) cluster(ctx context.Context, algorithm string, centres *tensor.Tensor[float32], s int, curve *clusterCurve) (*clusters, error) {
	if algorithm == "lloyd" {
		return j.lloyd(ctx, centres, curve)
	}
	batch := 1
	if algorithm == "mini-batch" {
		batch = j.flags.Batch
	}
	return j.stream(ctx, centres, batch, s, curve)
}

func (j *clustering) lloyd(ctx context.Context, centres *tensor.Tensor[float32], curve *clusterCurve) (*clusters, error) {
	x := j.points.x
	r, err := kmeans.Lloyd(ctx, x, centres, kmeans.Config{MaxUpdates: j.flags.Updates, Empty: kmeans.TakeFarthest, Trajectory: curve != nil})
	if err != nil {
		return nil, err
	}
	if curve != nil {
		// after the first update, or the start dwarfs all; then a tenth apart
		for t, last := min(1, len(r.Trajectory)-1), 0; t < len(r.Trajectory); t++ {
			if t+1 < len(r.Trajectory) && 10*t < 11*last {
				continue
			}
			last = t
			curve.add(float64(t+1)*float64(x.Shape[0])*float64(centres.Shape[0]), r.Trajectory[t]/float64(x.Shape[0]))
		}
	}
	return &clusters{Assignment: kmeans.Assignment{Labels: r.Labels, Inertia: r.Inertia}, centres: r.Centers, counts: r.Counts,
		updates: r.Updates, converged: r.Converged, cost: r.Cost}, nil
}

// stream presents the points in a new order each pass, batch by batch, and
// measures the inertia at the end; for a curve also after 1/32, 1/16 … of a
// pass.
func (j *clustering) stream(ctx context.Context, centres *tensor.Tensor[float32], batch, s int, curve *clusterCurve) (*clusters, error) {
	x, n := j.points.x, j.points.x.Shape[0]
	create := kmeans.NewOnline[float32]
	if j.rate.Kind == kmeans.Constant {
		create = kmeans.NewTracker[float32]
	}
	o, err := create(centres, j.rate)
	if err != nil {
		return nil, err
	}
	const chunk = 1024 // points copied at a time
	learn, most := o.Learn, chunk
	if batch > 1 {
		learn, most = o.LearnBatch, min(batch, n)
	}
	next := max(1, n/32)
	for pass := range j.flags.Passes {
		order := j.random(s, 1+pass).Perm(n)
		for lo := 0; lo < n; {
			hi := min(lo+most, n)
			if batch == 1 && curve != nil {
				hi = min(hi, max(lo+1, next-pass*n))
			}
			if err := learn(ctx, kmeans.Rows(x, order[lo:hi]), nil); err != nil {
				return nil, err
			}
			lo = hi
			if seen := pass*n + hi; curve != nil && seen >= next {
				a, err := kmeans.Assign(ctx, x, o.Centers)
				if err != nil {
					return nil, err
				}
				curve.add(float64(seen)*float64(centres.Shape[0]), a.Inertia/float64(n))
				for next <= seen {
					next *= 2
				}
			}
		}
	}
	a, err := kmeans.Assign(ctx, x, o.Centers)
	if err != nil {
		return nil, err
	}
	c := &clusters{Assignment: *a, centres: o.Centers, counts: make([]int, centres.Shape[0]), cost: o.Cost}
	for _, label := range a.Labels {
		c.counts[label]++
	}
	if curve != nil {
		curve.add(float64(j.flags.Passes)*float64(n)*float64(centres.Shape[0]), a.Inertia/float64(n))
	}
	return c, nil
}

func (c *clusterCurve) add(distances, inertia float64) {
	c.distances, c.inertia = append(c.distances, distances), append(c.inertia, inertia)
}
