// Command streaming follows three moving crowds of points, one point at a time,
// and holds nothing but their centres.
package main

import (
	"context"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"os/signal"

	"github.com/gradus-ml/gradus/kmeans"
	"github.com/gradus-ml/gradus/tensor"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	rng := rand.New(rand.NewPCG(1, 1))
	crowds := tensor.From([]float64{0, 0, 6, 0, 3, 5}, 3, 2) // where they begin
	tracker, err := kmeans.NewTracker(crowds, kmeans.ConstantRate(0.05))
	if err != nil {
		log.Fatal(err)
	}
	for turn := range 5 {
		angle := 0.2 * float64(turn)
		if err := follow(ctx, tracker, crowds, angle, 2000, rng); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("turned by %.1f: the centres are %.2f off\n", angle, off(tracker.Centers, crowds, angle))
	}
}

// follow shows the tracker n points of the crowds, turned about the origin.
func follow(ctx context.Context, tracker *kmeans.Online[float64], crowds *tensor.Tensor[float64], angle float64, n int, rng *rand.Rand) error {
	for range n {
		x, y := turned(crowds.Row(rng.IntN(3)), angle)
		point := tensor.From([]float64{x + rng.NormFloat64()/2, y + rng.NormFloat64()/2}, 1, 2)
		if err := tracker.Learn(ctx, point, nil); err != nil {
			return err
		}
	}
	return nil
}

// off is the largest distance of a centre from its crowd.
func off(centres, crowds *tensor.Tensor[float64], angle float64) (worst float64) {
	for k := range 3 {
		x, y := turned(crowds.Row(k), angle)
		worst = max(worst, math.Hypot(centres.Row(k)[0]-x, centres.Row(k)[1]-y))
	}
	return worst
}

func turned(p []float64, a float64) (x, y float64) {
	return p[0]*math.Cos(a) - p[1]*math.Sin(a), p[0]*math.Sin(a) + p[1]*math.Cos(a)
}
