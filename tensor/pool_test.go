package tensor

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestMaxPoolSmall(t *testing.T) {
	nan := math.NaN()
	x := From([]float64{
		1, 2, 3,
		4, 5, 6,
		7, nan, 5,
	}, 1, 1, 3, 3)
	g := Pooling{Batch: 1, Channels: 1, Height: 3, Width: 3, KernelH: 2, KernelW: 2, StrideH: 1, StrideW: 2, PadH: 1, PadW: 1}
	y, index := New[float64](1, 1, 4, 2), make([]int32, 8)
	MaxPool2D(y, index, x, g)
	wantNear(t, "maxima", y.Data, []float64{1, 3, 4, 6, 7, nan, 7, nan}, 0)
	wantNear(t, "places", floats(index), []float64{0, 2, 3, 5, 6, 7, 6, 7}, 0)
	MaxPool2D(y, nil, x, g) // without places

	dx, dy := New[float64](1, 1, 3, 3), New[float64](1, 1, 4, 2)
	for i := range dy.Data {
		dy.Data[i] = float64(int(1) << i)
	}
	dx.Fill(0.5)
	MaxPool2DPull(dx, dy, index, g, true)
	wantNear(t, "pull", dx.Data, []float64{1.5, 0.5, 2.5, 4.5, 0.5, 8.5, 80.5, 160.5, 0.5}, 0)
}

func floats(x []int32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// TestPoolingByDefinition draws geometries and pools one element at a time.
func TestPoolingByDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		g := Pooling{
			Batch: 1 + rng.IntN(2), Channels: 1 + rng.IntN(3), Height: 1 + rng.IntN(9), Width: 1 + rng.IntN(20),
			KernelH: 1 + rng.IntN(4), KernelW: 1 + rng.IntN(4), StrideH: 1 + rng.IntN(3), StrideW: 1 + rng.IntN(3),
			ExcludePadding: rng.IntN(2) == 0,
		}
		g.PadH, g.PadW = rng.IntN(g.KernelH/2+1), rng.IntN(g.KernelW/2+1)
		if g.Validate() != nil {
			continue
		}
		x := New[float64](g.Batch, g.Channels, g.Height, g.Width)
		Normal(x, rng, 0, 1)
		y := New[float64](g.Batch, g.Channels, g.OutHeight(), g.OutWidth())
		index := make([]int32, len(y.Data))
		maxima, means := poolByDefinition(x, g)
		MaxPool2D(y, index, x, g)
		wantNear(t, "maxima", y.Data, maxima, 0)
		out, plane := g.OutHeight()*g.OutWidth(), g.Height*g.Width
		for i, at := range index {
			if v := x.Data[i/out*plane+int(at)]; v != y.Data[i] {
				t.Fatalf("%+v: place %d of output %d holds %v, want %v", g, at, i, v, y.Data[i])
			}
		}
		AveragePool2D(y, x, g)
		wantNear(t, "means", y.Data, means, 1e-14)

		// The pull is the adjoint: ⟨pool x, dy⟩ = ⟨x, pull dy⟩.
		dy, dx := New[float64](y.Shape...), New[float64](x.Shape...)
		Normal(dy, rng, 0, 1)
		AveragePool2DPull(dx, dy, g, false)
		wantNear(t, "adjoint", []float64{inner(x, dx)}, []float64{inner(y, dy)}, 1e-12)
		AveragePool2DPull(dx, dy, g, true)
		wantNear(t, "adjoint, twice", []float64{inner(x, dx)}, []float64{2 * inner(y, dy)}, 1e-12)
	}
}

func inner(a, b *Tensor[float64]) (sum float64) {
	for i := range a.Data {
		sum += a.Data[i] * b.Data[i]
	}
	return sum
}

func poolByDefinition(x *Tensor[float64], g Pooling) (maxima, means []float64) {
	for plane := range g.Batch * g.Channels {
		for oy := range g.OutHeight() {
			for ox := range g.OutWidth() {
				best, sum, count := math.Inf(-1), 0.0, 0
				for ky := range g.KernelH {
					for kx := range g.KernelW {
						r, c := oy*g.StrideH-g.PadH+ky, ox*g.StrideW-g.PadW+kx
						if r < 0 || c < 0 || r >= g.Height || c >= g.Width {
							continue
						}
						v := x.Data[(plane*g.Height+r)*g.Width+c]
						best, sum, count = max(best, v), sum+v, count+1
					}
				}
				if !g.ExcludePadding {
					count = g.KernelH * g.KernelW
				}
				maxima, means = append(maxima, best), append(means, sum/float64(count))
			}
		}
	}
	return maxima, means
}

func TestPoolingValidate(t *testing.T) {
	good := Pooling{Batch: 1, Channels: 1, Height: 4, Width: 4, KernelH: 2, KernelW: 2, StrideH: 2, StrideW: 2}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Pooling){
		"batch": func(g *Pooling) { g.Batch = -1 }, "channels": func(g *Pooling) { g.Channels = 0 },
		"kernel": func(g *Pooling) { g.KernelW = 0 }, "stride": func(g *Pooling) { g.StrideH = 0 },
		"padding": func(g *Pooling) { g.PadH = 2 }, "negative padding": func(g *Pooling) { g.PadW = -1 },
		"plane": func(g *Pooling) { g.Height = 1 }, "no plane": func(g *Pooling) { g.Width = 0 },
	} {
		g := good
		if spoil(&g); g.Validate() == nil {
			t.Errorf("bad %s is accepted: %+v", name, g)
		}
	}
}
