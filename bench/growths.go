package bench

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/kmeans"
	"github.com/gradus-ml/gradus/tensor"
)

const digit, classes = 784, 10

// Growths lists the sizes whose growth is measured: of a training step, of an
// epoch read through a loader, and of an update of k-means.
func Growths() []Growth {
	return []Growth{
		stepGrowth("batch", "training step of 784-512-256-10", []int{16, 32, 64, 128, 256, 512, 1024},
			func(size int) (batch int, widths []int) { return size, []int{digit, 512, 256, classes} }),
		stepGrowth("width", "training step of 784-width-width-10, batch 64", []int{64, 128, 256, 512, 1024},
			func(size int) (batch int, widths []int) { return 64, []int{digit, size, size, classes} }),
		stepGrowth("depth", "training step of that many hidden layers of 256, batch 64", []int{1, 2, 4, 8, 16, 32},
			func(size int) (batch int, widths []int) {
				return 64, slices.Concat([]int{digit}, slices.Repeat([]int{256}, size), []int{classes})
			}),
		epochGrowth(),
		clusterGrowth(),
	}
}

// stepGrowth is a training step whose batch and widths follow from the size.
func stepGrowth(name, work string, sizes []int, of func(size int) (batch int, widths []int)) Growth {
	return Growth{
		Name: name, Work: work, Sizes: sizes,
		Operations: func(size int) float64 {
			batch, widths := of(size)
			return stepMultiplyAdds(widths) * float64(batch)
		},
		Bytes: func(size int) float64 { return stepBytes(of(size)) },
		prepare: func(size int) (func(), error) {
			batch, widths := of(size)
			return trainingStep(name, 1, batch, widths[:1], perceptron(widths...)).Prepare(Environment{})
		},
	}
}

// stepMultiplyAdds are those of one example: forward, and backward to the
// weights and to all inputs but the data.
func stepMultiplyAdds(widths []int) float64 {
	total := 0.0
	for i, in := range widths[:len(widths)-1] {
		passes := 3
		if i == 0 {
			passes = 2
		}
		total += float64(passes * in * widths[i+1])
	}
	return total
}

// stepBytes are those of a training step with a heavy ball: parameters,
// gradients and velocities; the data; each layer's output, and what ReLU makes
// of it.
func stepBytes(batch int, widths []int) float64 {
	params, values := 0, batch*widths[0]
	for i, in := range widths[:len(widths)-1] {
		out := widths[i+1]
		params += (in + 1) * out
		values += 2 * batch * out
	}
	values -= batch * widths[len(widths)-1] // no ReLU on the logits
	return 4 * float64(3*params+values)
}

// epochGrowth is an epoch of training over examples in memory.
func epochGrowth() Growth {
	const batch = 64
	widths := []int{digit, 64, classes}
	return Growth{
		Name: "examples", Work: "epoch of 784-64-10 through a shuffling loader, batch 64", Sizes: []int{1024, 2048, 4096, 8192, 16384},
		Operations: func(size int) float64 { return stepMultiplyAdds(widths) * float64(size) },
		Bytes:      func(size int) float64 { return float64(4*digit*size) + stepBytes(batch, widths) },
		prepare: func(size int) (func(), error) {
			loader, err := randomLoader(size, batch)
			if err != nil {
				return nil, err
			}
			rng := newRand()
			train, err := trainer(perceptron(widths...)(rng), rng)
			return func() {
				for b, err := range loader.Batches(context.Background(), 0, 0) {
					if err != nil {
						panic(err) // the source is memory
					}
					train(b.X, b.Labels)
				}
			}, err
		},
	}
}

// randomLoader returns a loader of so many random examples in memory.
func randomLoader(examples, batch int) (dataset.Loader, error) {
	rng := newRand()
	source, err := dataset.NewMemory("random", uniform(rng, examples, digit), randomLabels(rng, examples, classes), strings.Split("0123456789", ""))
	return dataset.Loader{Source: source, BatchSize: batch, Shuffle: true}, err
}

// clusterGrowth is Lloyd's algorithm on points about 32 middles, for K centers.
func clusterGrowth() Growth {
	const points, updates = 4096, 4
	return Growth{
		Name: "K", Work: "four updates of K centers of 4096 points of 784 coordinates", Sizes: []int{4, 8, 16, 32, 64, 128, 256},
		Operations: func(size int) float64 { return points * digit * updates * float64(size) },
		Bytes:      func(size int) float64 { return 4 * digit * float64(points+size) },
		prepare: func(size int) (func(), error) {
			x := scattered(newRand(), points, 32)
			start := kmeans.Rows(x, newRand().Perm(points)[:size])
			return func() {
				if _, err := kmeans.Lloyd(context.Background(), x, start, kmeans.Config{MaxUpdates: updates}); err != nil {
					panic(err) // the points are finite
				}
			}, nil
		},
	}
}

// scattered returns points about so many random middles.
func scattered(rng *rand.Rand, points, middles int) *tensor.Tensor[float32] {
	middle, x := uniform(rng, middles, digit), normal(rng, points, digit)
	for i := range points {
		row, m := x.Row(i), middle.Row(i%middles)
		for j := range row {
			row[j] = m[j] + 0.3*row[j]
		}
	}
	return x
}
