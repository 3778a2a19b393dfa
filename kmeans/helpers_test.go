package kmeans_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/kmeans"
	"github.com/gradus-ml/gradus/tensor"
	"pgregory.net/rapid"
)

// random returns points about a few hubs, shifted, some of them twice, on a
// coarse grid if asked to, so that ties happen.
func random[F tensor.Float](rng *rand.Rand, m, n int, shift float64, grid bool) *tensor.Tensor[F] {
	const hubs = 5
	hub := make([]float64, hubs*n)
	for i := range hub {
		hub[i] = 3 * rng.NormFloat64()
	}
	x := tensor.New[F](m, n)
	for i := range m {
		if i > 0 && rng.IntN(10) == 0 {
			copy(x.Row(i), x.Row(rng.IntN(i)))
			continue
		}
		h := rng.IntN(hubs)
		for j := range n {
			v := hub[h*n+j] + rng.NormFloat64()
			if grid {
				v = float64(int(v))
			}
			x.Row(i)[j] = F(shift + v)
		}
	}
	return x
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }

// draw draws the sizes of a problem, and makes it.
func draw[F tensor.Float](t *rapid.T) (points, centers *tensor.Tensor[F]) {
	rng := newRand(rapid.Uint64().Draw(t, "seed"))
	n := rapid.SampledFrom([]int{1, 2, 7, 8, 20, 130, 200}).Draw(t, "n")
	k := rapid.SampledFrom([]int{1, 2, 5, 16, 33}).Draw(t, "k")
	m := rapid.IntRange(k, 700).Draw(t, "m")
	shift := rapid.SampledFrom([]float64{0, 1, 1e4}).Draw(t, "shift")
	points = random[F](rng, m, n, shift, rapid.Bool().Draw(t, "grid"))
	return points, kmeans.Rows(points, rng.Perm(m)[:k])
}

// onProcessors calls f with so many processors.
func onProcessors(n int, f func()) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
	f()
}

// mnist returns the first training images as rows.
func mnist(t testing.TB, m int) *tensor.Tensor[float32] {
	t.Helper()
	source, err := dataset.Open(mnistFolder(t), dataset.Train)
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.New[float32](m, source.Info().Size())
	for i := range m {
		if _, err := source.Read(i, x.Row(i)); err != nil {
			t.Fatal(err)
		}
	}
	return x
}

// mnistFolder is GRADUS_MNIST, or shared/data/mnist beside the repository or
// further up.
func mnistFolder(t testing.TB) string {
	t.Helper()
	if dir := os.Getenv("GRADUS_MNIST"); dir != "" {
		return dir
	}
	at, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; at != filepath.Dir(at); at = filepath.Dir(at) {
		dir := filepath.Join(at, "shared", "data", "mnist")
		if _, err := os.Stat(dir); err == nil {
			return dir
		}
	}
	t.Skip("no MNIST: set GRADUS_MNIST to the folder of its four files, or put them in shared/data/mnist beside the repository")
	return ""
}
