// Command anomaly trains an autoencoder on drawn digits and nothing else, and
// finds what is no digit: letters of the same fonts, and noise.
package main

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/dataset/glyphs"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/vae"
)

func main() {
	rng := rand.New(rand.NewPCG(1, 1))
	pixels := tensor.New[float32](200, 1, 28, 28)
	tensor.Uniform(pixels, rng, 0, 1)
	model := learn(draw("0123456789", 6000, 1), rng)
	normal := scores(model, draw("0123456789", 500, 2))
	threshold := losses.Quantile(slices.Sorted(slices.Values(normal)), 0.95)
	fmt.Printf("19 of 20 new digits score below %.0f nats\n", threshold)
	for _, s := range []dataset.Source{draw("0123456789", 500, 3), draw("ABCDEFGHJKMNPQRSTUVWXYZ", 500, 4), must(dataset.NewMemory("noise", pixels, nil, nil))} {
		of := scores(model, s)
		below, _ := slices.BinarySearch(slices.Sorted(slices.Values(of)), threshold)
		fmt.Printf("%3d of %d above it; above a digit with probability %.2f\n", len(of)-below, len(of), vae.Separation(of, normal))
	}
}

// learn needs no label, and no weight of reconstruction against divergence.
func learn(digits dataset.Source, rng *rand.Rand) *vae.Model[float32] {
	model := vae.NewMLP[float32](digits.Info().Shape, []int{128}, 10, vae.Gaussian, rng)
	must(vae.Fit(context.Background(), model, digits, vae.Config{Objective: vae.Plain(), BatchSize: 64, Epochs: 6, Seed: 1, Step: optim.AdamStep[float32](2e-3)}))
	return model
}

// scores are negative bounds on the log-likelihood, in nats.
func scores(m *vae.Model[float32], s dataset.Source) []float64 {
	return must(vae.Scores(context.Background(), m, s, 4, 1))
}

func draw(characters string, n int, seed uint64) dataset.Source {
	o := glyphs.Default()
	o.Classes, o.Seed = characters, seed
	return must(dataset.NewGlyphs(must(glyphs.New(o)), n))
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
