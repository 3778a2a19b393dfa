package tensor

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// convNaive calls f with the offsets in y, x and w of every product in a
// convolution.
func convNaive(g ConvGeometry, f func(y, x, w int)) {
	outH, outW := g.OutHeight(), g.OutWidth()
	inC, outC := g.InChannels/g.Groups, g.OutChannels/g.Groups
	for n := range g.Batch {
		for o := range g.OutChannels {
			for c := range inC {
				plane := (n*g.InChannels + o/outC*inC + c) * g.Height
				for u := range g.KernelH {
					for v := range g.KernelW {
						for i := range outH {
							for j := range outW {
								row, col := i*g.StrideH-g.PadH+u*g.DilationH, j*g.StrideW-g.PadW+v*g.DilationW
								if row >= 0 && row < g.Height && col >= 0 && col < g.Width {
									f(((n*g.OutChannels+o)*outH+i)*outW+j, (plane+row)*g.Width+col, ((o*inC+c)*g.KernelH+u)*g.KernelW+v)
								}
							}
						}
					}
				}
			}
		}
	}
}

// convSums accumulates in float64 what a convolution or an adjoint of it adds
// up, and beside it the absolute values, which bound the rounding error.
type convSums struct{ sum, size, terms []float64 }

func newConvSums[F Float](start []F, keep bool) convSums {
	s := convSums{make([]float64, len(start)), make([]float64, len(start)), make([]float64, len(start))}
	if keep {
		for i, v := range start {
			s.add(i, float64(v))
		}
	}
	return s
}

func (s convSums) add(i int, v float64) {
	s.sum[i] += v
	s.size[i] += math.Abs(v)
	s.terms[i]++
}

func checkConvSums[F Float](t interface{ Fatalf(string, ...any) }, name string, g ConvGeometry, got []F, want convSums) {
	for i, v := range got {
		if bound := (want.terms[i] + 3) * epsilon[F]() * want.size[i]; !(math.Abs(float64(v)-want.sum[i]) <= bound) {
			t.Fatalf("%s %+v: element %d is %v, want %v ± %v", name, g, i, v, want.sum[i], bound)
		}
	}
}

// checkConv holds the convolution and both adjoints to their definitions.
func checkConv[F Float](t interface{ Fatalf(string, ...any) }, g ConvGeometry, rng *rand.Rand, bias, add bool) {
	x := drawTensor[F](rng, g.Batch, g.InChannels, g.Height, g.Width)
	w := drawTensor[F](rng, g.OutChannels, g.InChannels/g.Groups, g.KernelH, g.KernelW)
	y := drawTensor[F](rng, g.Batch, g.OutChannels, g.OutHeight(), g.OutWidth())
	dy := y.Clone()

	var b []F
	want := newConvSums(y.Data, false)
	if bias {
		b = drawTensor[F](rng, g.OutChannels).Data
		area := g.OutHeight() * g.OutWidth()
		for i := range y.Data {
			want.add(i, float64(b[i/area%g.OutChannels]))
		}
	}
	convNaive(g, func(i, j, k int) { want.add(i, float64(x.Data[j])*float64(w.Data[k])) })
	Conv2D(y, x, w, b, g)
	checkConvSums(t, "Conv2D", g, y.Data, want)

	dx := drawTensor[F](rng, x.Shape...)
	want = newConvSums(dx.Data, add)
	convNaive(g, func(i, j, k int) { want.add(j, float64(dy.Data[i])*float64(w.Data[k])) })
	Conv2DInputGradient(dx, dy, w, g, add)
	checkConvSums(t, "Conv2DInputGradient", g, dx.Data, want)

	dw := drawTensor[F](rng, w.Shape...)
	want = newConvSums(dw.Data, add)
	convNaive(g, func(i, j, k int) { want.add(k, float64(dy.Data[i])*float64(x.Data[j])) })
	Conv2DWeightGradient(dw, dy, x, g, add)
	checkConvSums(t, "Conv2DWeightGradient", g, dw.Data, want)
}

func drawGeometry(t *rapid.T) ConvGeometry {
	draw := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
	g := ConvGeometry{
		Batch: draw("batch", 0, 4), KernelH: draw("kernel height", 1, 4), KernelW: draw("kernel width", 1, 4),
		StrideH: draw("stride down", 1, 3), StrideW: draw("stride across", 1, 3),
		PadH: draw("padding above", 0, 4), PadW: draw("padding left", 0, 4),
		DilationH: draw("dilation down", 1, 3), DilationW: draw("dilation across", 1, 3),
		Groups: draw("groups", 1, 3),
	}
	if rapid.Bool().Draw(t, "stride 1") {
		g.StrideH, g.StrideW = 1, 1
	}
	g.InChannels, g.OutChannels = g.Groups*draw("channels in", 1, 5), g.Groups*draw("channels out", 1, 5)
	g.Height = draw("height", max(1, g.DilationH*(g.KernelH-1)+1-2*g.PadH), 14)
	g.Width = draw("width", max(1, g.DilationW*(g.KernelW-1)+1-2*g.PadW), 14)
	return g
}

func TestConvDrawn(t *testing.T) {
	t.Run("float32", func(t *testing.T) { rapid.Check(t, testConvDrawn[float32]) })
	t.Run("float64", func(t *testing.T) { rapid.Check(t, testConvDrawn[float64]) })
}

func testConvDrawn[F Float](t *rapid.T) {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	checkConv[F](t, drawGeometry(t), rng, rapid.Bool().Draw(t, "bias"), rapid.Bool().Draw(t, "add"))
}

// bigConvs cross the boundaries between blocks of steps, places, taps,
// channels and parts.
func bigConvs() []ConvGeometry {
	plain := ConvGeometry{Batch: 3, InChannels: 60, Height: 9, Width: 11, OutChannels: 14, KernelH: 3, KernelW: 3,
		StrideH: 1, StrideW: 1, PadH: 1, PadW: 1, DilationH: 1, DilationW: 1, Groups: 1}
	strided, large, grouped, many := plain, plain, plain, plain
	strided.StrideH, strided.StrideW = 2, 3
	large.InChannels, large.Height, large.Width, large.Batch = 2, 40, 23, 1
	grouped.InChannels, grouped.OutChannels, grouped.Groups, grouped.StrideW = 104, 4, 2, 2
	many.Batch, many.InChannels, many.OutChannels = 37, 3, 30
	deep := strided
	deep.OutChannels, deep.InChannels, deep.Batch = 500, 2, 1
	return []ConvGeometry{plain, strided, large, grouped, many, deep}
}

func TestConvBlocks(t *testing.T) {
	for _, g := range bigConvs() {
		rng := rand.New(rand.NewPCG(7, 0))
		checkConv[float32](t, g, rng, true, true)
		checkConv[float64](t, g, rng, true, false)
	}
}

func TestConvSameBitsOnEveryNumberOfCores(t *testing.T) {
	for _, g := range bigConvs() {
		var first []float32
		for _, cores := range []int{1, 2, 7} {
			restore := runtime.GOMAXPROCS(cores)
			got := convAll(g)
			runtime.GOMAXPROCS(restore)
			if first == nil {
				first = got
			} else if !slices.Equal(first, got) {
				t.Fatalf("%+v: other bits on %d cores than on one", g, cores)
			}
		}
	}
}

// convAll returns the results of the three operations for random operands.
func convAll(g ConvGeometry) []float32 {
	x, w, y := drawConv(g)
	dx, dw, dy := New[float32](x.Shape...), New[float32](w.Shape...), y.Clone()
	Conv2D(y, x, w, nil, g)
	Conv2DInputGradient(dx, dy, w, g, false)
	Conv2DWeightGradient(dw, dy, x, g, false)
	return slices.Concat(y.Data, dx.Data, dw.Data)
}

func drawConv(g ConvGeometry) (x, w, y *Tensor[float32]) {
	rng := rand.New(rand.NewPCG(8, 0))
	return drawTensor[float32](rng, g.Batch, g.InChannels, g.Height, g.Width),
		drawTensor[float32](rng, g.OutChannels, g.InChannels/g.Groups, g.KernelH, g.KernelW),
		drawTensor[float32](rng, g.Batch, g.OutChannels, g.OutHeight(), g.OutWidth())
}

// TestConvKeepsNaN plants NaN in a corner of zeros.
func TestConvKeepsNaN(t *testing.T) {
	g := ConvGeometry{Batch: 2, InChannels: 1, Height: 5, Width: 5, OutChannels: 1, KernelH: 3, KernelW: 3,
		StrideH: 1, StrideW: 1, PadH: 1, PadW: 1, DilationH: 1, DilationW: 1, Groups: 1}
	x, w, y := New[float32](2, 1, 5, 5), New[float32](1, 1, 3, 3), New[float32](2, 1, 5, 5)
	x.Set(float32(math.NaN()), 1, 0, 0, 0)
	Conv2D(y, x, w, nil, g)
	for i, v := range y.Data {
		if near := i == 25 || i == 26 || i == 30 || i == 31; (v != v) != near {
			t.Errorf("y[%d] is %v", i, v)
		}
	}
	Conv2DWeightGradient(w, y, x, g, false)
	if v := w.At(0, 0, 1, 1); v == v {
		t.Errorf("the gradient of the weights is %v, want NaN", v)
	}
}

func TestConvAllocatesNothing(t *testing.T) {
	g := bigConvs()[0]
	x, w, y := drawConv(g)
	for name, f := range map[string]func(){
		"forward": func() { Conv2D(y, x, w, nil, g) },
		"input":   func() { Conv2DInputGradient(x, y, w, g, true) },
		"weights": func() { Conv2DWeightGradient(w, y, x, g, true) },
	} {
		if n := testing.AllocsPerRun(10, f); n != 0 {
			t.Errorf("%s: %v allocations, want none", name, n)
		}
	}
}

func TestConvGeometryRefuses(t *testing.T) {
	good := bigConvs()[0]
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(g *ConvGeometry){
		"no channels":    func(g *ConvGeometry) { g.InChannels = 0 },
		"negative batch": func(g *ConvGeometry) { g.Batch = -1 },
		"no stride":      func(g *ConvGeometry) { g.StrideW = 0 },
		"huge":           func(g *ConvGeometry) { g.Height = 1 << 40 },
		"groups":         func(g *ConvGeometry) { g.Groups = 7 },
		"kernel height":  func(g *ConvGeometry) { g.KernelH = 12 },
		"kernel width":   func(g *ConvGeometry) { g.DilationW = 7 },
	} {
		g := good
		spoil(&g)
		if g.Validate() == nil {
			t.Errorf("%s: %+v was accepted", name, g)
		}
	}
}
