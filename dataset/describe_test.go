package dataset_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/tensor"
)

func TestDescribe(t *testing.T) {
	// Two channels of two pixels: the second is ten times the first plus one.
	x := tensor.From([]float32{1, 2, 11, 21, 3, 6, 31, 61}, 2, 2, 1, 2)
	m, err := dataset.NewMemory("x", x, []int{1, 1}, []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	d, err := dataset.Describe(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{0, 2}, d.Counts); diff != "" || d.Examples != 2 || d.Min != 1 || d.Max != 61 {
		t.Errorf("got %+v", d)
	}
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > 1e-12*math.Abs(want) {
			t.Errorf("%s: got %v: want %v", what, got, want)
		}
	}
	near("mean", d.Mean, 17)
	near("mean of channel 0", d.ChannelMean[0], 3)
	near("mean of channel 1", d.ChannelMean[1], 31)
	near("deviation of channel 0", d.ChannelStd[0], math.Sqrt(3.5))
	near("deviation of channel 1", d.ChannelStd[1], math.Sqrt(350))
	near("deviation", d.Std, math.Sqrt((3.5+350)/2+14*14))
}

func TestMomentsOfColumns(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 600).Draw(rt, "n") // up to three blocks
		offset := rapid.Float64Range(-1e4, 1e4).Draw(rt, "offset")
		x := tensor.New[float32](n, 2)
		var mean, std [2]float64
		for i := range n {
			x.Row(i)[0], x.Row(i)[1] = float32(offset), float32(i%7)
			mean[0] += float64(x.Row(i)[0]) / float64(n)
			mean[1] += float64(i%7) / float64(n)
		}
		for i := range n {
			std[1] += (float64(i%7) - mean[1]) * (float64(i%7) - mean[1]) / float64(n)
		}
		m, err := dataset.NewMemory("x", x, nil, nil)
		if err != nil {
			rt.Fatal(err)
		}
		gotMean, gotStd, err := dataset.Moments(context.Background(), m)
		if err != nil {
			rt.Fatal(err)
		}
		for c := range 2 {
			if math.Abs(gotMean[c]-mean[c]) > 1e-10*(1+math.Abs(mean[c])) || math.Abs(gotStd[c]-math.Sqrt(std[c])) > 1e-7 {
				rt.Fatalf("column %d: got %v ± %v: want %v ± %v", c, gotMean[c], gotStd[c], mean[c], math.Sqrt(std[c]))
			}
		}
	})
}

func TestDescribeOnAnyNumberOfProcessors(t *testing.T) {
	s, err := dataset.Open("glyphs", dataset.Test)
	if err != nil {
		t.Fatal(err)
	}
	s = dataset.First(s, 700)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want, err := dataset.Describe(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GOMAXPROCS(4)
	got, err := dataset.Describe(context.Background(), s)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := dataset.Describe(ctx, s); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	none, err := dataset.Describe(context.Background(), dataset.First(s, 0))
	if err != nil || !math.IsNaN(none.Mean) || none.Examples != 0 {
		t.Errorf("of nothing: %+v, %v", none, err)
	}
}
