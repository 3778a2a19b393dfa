package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// drawRows returns rows of densities between guards of NaN, some of them tiny
// and some 0, so that products leave the range of float64.
func drawRows(rng *rand.Rand, rows, cols, offset int) []float64 {
	whole, part := guarded[float64](rows*cols, offset)
	for i := range part {
		part[i] = rng.Float64()
		switch rng.IntN(40) {
		case 0:
			part[i] *= 1e-200
		case 1:
			part[i] = 0
		}
	}
	return whole[margin+offset:][:rows*cols]
}

// TestMixtureIsItsLoop holds the kernel to the loop, bit for bit.
func TestMixtureIsItsLoop(t *testing.T) {
	best, was := detect(), active
	t.Cleanup(func() { active = was })
	rng := rand.New(rand.NewPCG(17, 18))
	for cols := 1; cols <= 21; cols++ {
		for rows := range 40 {
			x := drawRows(rng, rows, cols, rng.IntN(4))
			weights := make([]float64, cols)
			for k := range weights {
				weights[k] = rng.Float64() * float64(rng.IntN(4)) / 3
			}
			run := func(level Level) []float64 {
				active = level
				m := NewMixture(cols)
				m.Reset(weights)
				m.Add(x, cols)
				return append(slices.Clone(m.Sums()[:cols]), m.LogDensity(), float64(m.exponent))
			}
			if got, want := run(best), run(Portable); !equalBits(got, want) {
				t.Fatalf("%d rows of %d: %v, want %v", rows, cols, got, want)
			}
		}
	}
}

// TestMixtureAddsUp compares with the definition.
func TestMixtureAddsUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 20))
	const rows, cols = 3001, 10
	x := drawRows(rng, rows, cols, 0)
	weights := make([]float64, cols)
	for k := range weights {
		weights[k] = rng.Float64() / cols
	}
	want := make([]float64, cols+1)
	for i := range rows {
		row, d := x[i*cols:(i+1)*cols], 0.0
		for k, v := range row {
			d += weights[k] * v
		}
		for k, v := range row {
			want[k] += v / d
		}
		want[cols] += math.Log(d)
	}
	m := NewMixture(cols)
	m.Reset(weights)
	m.Add(x[:1000*cols], cols)
	m.Add(x[1000*cols:], cols)
	for k, v := range append(slices.Clone(m.Sums()[:cols]), m.LogDensity()) {
		if math.Abs(v-want[k]) > 1e-12*math.Abs(want[k]) {
			t.Errorf("sum %d is %v, want %v", k, v, want[k])
		}
	}
}

func BenchmarkMixture(b *testing.B) {
	for _, c := range []struct{ rows, cols int }{{4096, 3}, {4096, 10}, {1_000_000, 10}, {4096, 100}} {
		b.Run(fmt.Sprintf("%dx%d", c.rows, c.cols), func(b *testing.B) {
			x := make([]float64, c.rows*c.cols)
			for i := range x {
				x[i] = float64(1+i%7) / 8
			}
			weights := slices.Repeat([]float64{0.1}, c.cols)
			m := NewMixture(c.cols)
			b.SetBytes(int64(8 * len(x)))
			for b.Loop() {
				m.Reset(weights)
				m.Add(x, c.cols)
			}
		})
	}
}
