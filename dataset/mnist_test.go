package dataset_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-ml/gradus/dataset"
)

// mnist returns the folder of the real data set: GRADUS_MNIST, or
// shared/data/mnist beside the repository or further up.
func mnist(t testing.TB) string {
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

func TestMNIST(t *testing.T) {
	dir := mnist(t)
	for _, test := range []struct {
		split  dataset.Split
		counts []int
	}{
		{dataset.Train, []int{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}},
		{dataset.Test, []int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}},
	} {
		s, err := dataset.Open(dir, test.split)
		if err != nil {
			t.Fatal(err)
		}
		d, err := dataset.Describe(context.Background(), s)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.counts, d.Counts); diff != "" {
			t.Errorf("%v: %s", test.split, diff)
		}
		if diff := cmp.Diff([]int{1, 28, 28}, d.Info.Shape); diff != "" || d.Min != 0 || d.Max != 1 {
			t.Errorf("%v: shape %v, values %v to %v", test.split, d.Info.Shape, d.Min, d.Max)
		}
		// The mean and deviation that everybody normalises MNIST with.
		if test.split == dataset.Train && (math.Abs(d.Mean-0.1307) > 5e-5 || math.Abs(d.Std-0.3081) > 5e-5) {
			t.Errorf("got mean %v, deviation %v", d.Mean, d.Std)
		}
	}
}

func BenchmarkOpenMNIST(b *testing.B) {
	dir := mnist(b)
	b.SetBytes(60000 * 785)
	for b.Loop() {
		if _, err := dataset.Open(dir, dataset.Train); err != nil {
			b.Fatal(err)
		}
	}
}
