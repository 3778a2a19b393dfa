package main

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/kmeans"
	"github.com/gradus-ml/gradus/tensor"
)

// The tracker keeps up with crowds that turn, and stays as near as its
// stationary variance allows: four deviations.
func TestFollow(t *testing.T) {
	const rate = 0.05
	crowds := tensor.From([]float64{0, 0, 6, 0, 3, 5}, 3, 2)
	tracker, err := kmeans.NewTracker(crowds, kmeans.ConstantRate(rate))
	if err != nil {
		t.Fatal(err)
	}
	variance, err := kmeans.Stationary(rate, 0.25)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for turn := range 5 {
		angle := 0.2 * float64(turn)
		if err := follow(t.Context(), tracker, crowds, angle, 2000, rng); err != nil {
			t.Fatal(err)
		}
		if worst := off(tracker.Centers, crowds, angle); worst > 4*math.Sqrt(2*variance) {
			t.Errorf("turned by %.1f: %v off", angle, worst)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := follow(ended, tracker, crowds, 0, 1, rng); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v after the context ended", err)
	}
}
