package dataset_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/dataset"
)

func TestDistort(t *testing.T) {
	shape := []int{2, 9, 40}
	n := 9 * 40
	src, dst := make([]float32, 2*n), make([]float32, 2*n)
	for i := range src {
		src[i] = float32(i%7) / 7
	}
	rng := rand.New(rand.NewPCG(1, 2))
	dataset.Distort{}.Augment(rng, shape, dst, src)
	for i, v := range dst {
		if v != src[i] {
			t.Fatalf("no distortion: value %d went from %v to %v", i, src[i], v)
		}
	}
	d := dataset.Distort{Shift: 1, Rotate: 20, Scale: 0.3, Shear: 0.2, Elastic: 1, Brightness: 0.5, Noise: 0.2}
	d.Augment(rng, shape, dst, src)
	changed := 0
	for i, v := range dst {
		if !(v >= 0 && v <= 1) {
			t.Fatalf("value %d is %v", i, v)
		}
		if v != src[i] {
			changed++
		}
	}
	if changed < n {
		t.Errorf("%d of %d values changed", changed, 2*n)
	}
	if allocs := testing.AllocsPerRun(20, func() { d.Augment(rng, shape, dst, src) }); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
	// Channels move together.
	for i := range n {
		src[n+i] = src[i]
	}
	dataset.Distort{Shift: 3, Rotate: 30, Elastic: 1, Brightness: 0.5}.Augment(rng, shape, dst, src)
	for i := range n {
		if dst[i] != dst[n+i] {
			t.Fatalf("pixel %d differs between equal channels: %v, %v", i, dst[i], dst[n+i])
		}
	}
}
