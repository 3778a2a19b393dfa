package kmeans_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/kmeans"
	"pgregory.net/rapid"
)

func TestPlusPlusIsPlain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points, centers := draw[float64](t)
		m, k := points.Shape[0], centers.Shape[0]
		uniforms := kmeans.Draws(newRand(rapid.Uint64().Draw(t, "draws")), k)
		got, cost, err := kmeans.PlusPlus(context.Background(), points, uniforms)
		if err != nil {
			t.Fatal(err)
		}
		want := []int{int(uniforms[0] * float64(m))}
		for _, u := range uniforms[1:] {
			total, squared := 0.0, make([]float64, m)
			for i := range m {
				_, d, err := kmeans.Nearest(points.Row(i), kmeans.Rows(points, want))
				if err != nil {
					t.Fatal(err)
				}
				squared[i] = d
				total += d
			}
			next, partial := -1, 0.0
			for i, d := range squared {
				if partial += d; partial > u*total {
					next = i
					break
				}
			}
			if total == 0 {
				for next = 0; slices.Contains(want, next); {
					next++
				}
			}
			want = append(want, next)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("indices %v, want %v", got, want)
		}
		if cost.Distances > cost.Plain {
			t.Fatalf("%d distances, %d in the plain loop", cost.Distances, cost.Plain)
		}
	})
}

// Averaged over seeds, the inertia of k-means++ is within its bound of the best
// one, that of greedy k-means++ is lower, and that of uniform seeds on hubs of
// unequal sizes is not.
func TestSeedingInExpectation(t *testing.T) {
	const k, rounds = 4, 400
	rng := newRand(5)
	points := random[float64](rng, 14, 2, 0, false)
	best, _, err := kmeans.Optimum(context.Background(), points, k)
	if err != nil {
		t.Fatal(err)
	}
	mean := func(seed func() []int) float64 {
		total := 0.0
		for range rounds {
			a, err := kmeans.Assign(context.Background(), points, kmeans.Rows(points, seed()))
			if err != nil {
				t.Fatal(err)
			}
			total += a.Inertia / rounds
		}
		return total
	}
	must := func(indices []int, _ kmeans.Cost, err error) []int {
		if err != nil {
			t.Fatal(err)
		}
		return indices
	}
	plus := mean(func() []int {
		return must(kmeans.PlusPlus(context.Background(), points, kmeans.Draws(rng, k)))
	})
	greedy := mean(func() []int { return must(kmeans.Greedy(context.Background(), points, k, 3, rng)) })
	uniform := mean(func() []int { return rng.Perm(14)[:k] })
	if bound := 8 * (math.Log(k) + 2) * best; !(plus <= bound && plus >= best) {
		t.Errorf("k-means++: %v, want between %v and %v", plus, best, bound)
	}
	if !(greedy < plus && plus < uniform) {
		t.Errorf("greedy %v, k-means++ %v, uniform %v: want them in this order", greedy, plus, uniform)
	}
}

func TestOptimumIsBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := newRand(rapid.Uint64().Draw(t, "seed"))
		m := rapid.IntRange(1, 8).Draw(t, "m")
		k := rapid.IntRange(1, min(m, 3)).Draw(t, "k")
		points := random[float64](rng, m, 2, rapid.SampledFrom([]float64{0, 1e8}).Draw(t, "shift"), rapid.Bool().Draw(t, "grid"))
		got, labels, err := kmeans.Optimum(context.Background(), points, k)
		if err != nil {
			t.Fatal(err)
		}
		// All labellings, counted up in base k.
		best, all := math.Inf(1), make([]int, m)
		for done := false; !done; {
			best = min(best, scatter(points.Data, all, k))
			done = true
			for i := range all {
				if all[i]++; all[i] < k {
					done = false
					break
				}
				all[i] = 0
			}
		}
		if math.Abs(got-best) > 1e-9*best+1e-12 {
			t.Fatalf("inertia %v, want %v", got, best)
		}
		if reached := scatter(points.Data, labels, k); math.Abs(reached-best) > 1e-9*best+1e-12 {
			t.Fatalf("labels %v have inertia %v, want %v", labels, reached, best)
		}
	})
}

// scatter is the inertia of labelled points in the plane about their means.
func scatter(points []float64, labels []int, k int) float64 {
	total := 0.0
	for c := range k {
		for axis := range 2 {
			count, first, sum, squares := 0.0, 0.0, 0.0, 0.0
			for i, label := range labels {
				if label != c {
					continue
				}
				if count == 0 {
					first = points[2*i+axis]
				}
				d := points[2*i+axis] - first
				count, sum, squares = count+1, sum+d, squares+d*d
			}
			if count > 0 {
				total += squares - sum*sum/count
			}
		}
	}
	return total
}

func TestOptimumEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := kmeans.Optimum(ctx, random[float64](newRand(1), 60, 2, 0, false), 8); err != context.Canceled {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}
