package tensor

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gradus-ml/gradus/internal/simd"
)

// mulNaive is the definition: the product in float64, and beside it the sum of
// the absolute values of what was added, which bounds the rounding error.
func mulNaive[F Float](c, a, b *Tensor[F], how Product[F]) (product, size []float64) {
	m, n := c.Shape[0], c.Shape[1]
	k := a.Shape[1]
	if how.TransA {
		k = a.Shape[0]
	}
	product, size = make([]float64, m*n), make([]float64, m*n)
	for i := range m {
		for j := range n {
			at := i*n + j
			add := func(v float64) {
				product[at] += v
				size[at] += math.Abs(v)
			}
			if how.Add {
				add(float64(c.Data[at]))
			}
			for p := range k {
				x, y := i*k+p, p*n+j
				if how.TransA {
					x = p*m + i
				}
				if how.TransB {
					y = j*k + p
				}
				add(float64(a.Data[x]) * float64(b.Data[y]))
			}
			if how.Bias != nil {
				add(float64(how.Bias[j]))
			}
			if how.Addend != nil {
				add(float64(how.Scales[i]) * float64(how.Addend.Data[at]))
			}
		}
	}
	return product, size
}

// epsilon is the distance from 1 to the next number of F.
func epsilon[F Float]() float64 {
	if _, ok := any(F(0)).(float32); ok {
		return 0x1p-23
	}
	return 0x1p-52
}

func drawTensor[F Float](rng *rand.Rand, shape ...int) *Tensor[F] {
	x := New[F](shape...)
	Normal(x, rng, 0, 1)
	return x
}

type matMulCase[F Float] struct {
	c, a, b *Tensor[F]
	how     Product[F]
}

// drawMatMul draws ReLU, an addend or neither by itself.
func drawMatMul[F Float](rng *rand.Rand, m, n, k int, transA, transB, add, bias bool) matMulCase[F] {
	x := matMulCase[F]{c: drawTensor[F](rng, m, n), a: drawTensor[F](rng, m, k), b: drawTensor[F](rng, k, n)}
	if transA {
		x.a = x.a.Reshape(k, m)
	}
	if transB {
		x.b = x.b.Reshape(n, k)
	}
	x.how = Product[F]{TransA: transA, TransB: transB, Add: add}
	switch rng.IntN(3) {
	case 0:
		x.how.ReLU = true
	case 1:
		x.how.Addend, x.how.Scales = drawTensor[F](rng, m, n), drawTensor[F](rng, m).Data
	}
	if bias {
		x.how.Bias = drawTensor[F](rng, n).Data
	}
	return x
}

func (x matMulCase[F]) check(t interface{ Fatalf(string, ...any) }) {
	want, size := mulNaive(x.c, x.a, x.b, x.how)
	MatMul(x.c, x.a, x.b, x.how)
	k := len(x.a.Data) / max(1, x.c.Shape[0])
	for i, v := range x.c.Data {
		if x.how.ReLU {
			want[i] = max(0, want[i])
		}
		if bound := float64(k+3) * epsilon[F]() * size[i]; !(math.Abs(float64(v)-want[i]) <= bound) {
			t.Fatalf("c %v, a %v, b %v, %+v: c[%d] is %v, want %v ± %v", x.c.Shape, x.a.Shape, x.b.Shape, x.how, i, v, want[i], bound)
		}
	}
}

func TestMatMulDrawn(t *testing.T) {
	t.Run("float32", func(t *testing.T) { rapid.Check(t, testMatMulDrawn[float32]) })
	t.Run("float64", func(t *testing.T) { rapid.Check(t, testMatMulDrawn[float64]) })
}

func testMatMulDrawn[F Float](t *rapid.T) {
	size := rapid.OneOf(rapid.IntRange(0, 5), rapid.IntRange(0, 70), rapid.SampledFrom([]int{127, 128, 129}))
	flag := rapid.Bool()
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	drawMatMul[F](rng, size.Draw(t, "m"), size.Draw(t, "n"), size.Draw(t, "k"),
		flag.Draw(t, "transA"), flag.Draw(t, "transB"), flag.Draw(t, "add"), flag.Draw(t, "bias")).check(t)
}

// TestMatMulBlocks crosses every boundary between blocks.
func TestMatMulBlocks(t *testing.T) {
	for _, s := range []struct{ m, n, k int }{
		{3, 2, 1000}, {1, 300, 500}, {1, 3000, 300}, {700, 1, 500}, {150, 520, 3}, {gemmRows + 5, 3, 7}, {2, 5000, 4}, {160, 70, 800}, {1030, 130, 1024},
	} {
		for trans := range 4 {
			rng := rand.New(rand.NewPCG(3, uint64(trans)))
			drawMatMul[float32](rng, s.m, s.n, s.k, trans&1 != 0, trans&2 != 0, true, true).check(t)
			drawMatMul[float64](rng, s.m, s.n, s.k, trans&1 != 0, trans&2 != 0, false, true).check(t)
		}
	}
}

// TestMatMulLarge has sizes that are multiplied by parts where the processor can:
// whose tasks split what they need, or whose operands are split before, and with
// numbers that parts cannot hold.
func TestMatMulLarge(t *testing.T) {
	for trans := range 4 {
		rng := rand.New(rand.NewPCG(5, uint64(trans)))
		drawMatMul[float32](rng, 300, 270, 530, trans&1 != 0, trans&2 != 0, true, true).check(t)
		if trans == 0 || trans == 3 {
			drawMatMul[float32](rng, 1030, 400, 1000, trans != 0, trans != 0, true, true).check(t)
		}
		x := drawMatMul[float32](rng, 260, 280, 130, trans&1 != 0, trans&2 != 0, false, false)
		simd.Scale(x.a.Data, x.a.Data, 0x1p100)
		simd.Scale(x.b.Data, x.b.Data, 0x1p-100)
		x.check(t)
	}
}

// TestMatMulSameBitsOnEveryNumberOfCores holds the promise of determinism.
func TestMatMulSameBitsOnEveryNumberOfCores(t *testing.T) {
	for _, s := range []struct{ m, n, k int }{{128, 512, 784}, {300, 300, 300}, {1030, 400, 1000}, {1, 1000, 900}, {10, 10, 5000}} {
		for trans := range 4 {
			x := drawMatMul[float32](rand.New(rand.NewPCG(4, 0)), s.m, s.n, s.k, trans&1 != 0, trans&2 != 0, false, true)
			var first []float32
			for _, cores := range []int{1, 2, 7} {
				restore := runtime.GOMAXPROCS(cores)
				MatMul(x.c, x.a, x.b, x.how)
				runtime.GOMAXPROCS(restore)
				if first == nil {
					first = slices.Clone(x.c.Data)
				} else if !slices.Equal(first, x.c.Data) {
					t.Fatalf("%+v: other bits on %d cores than on one", s, cores)
				}
			}
		}
	}
}

// TestMatMulKeepsNaN plants one NaN or infinity beside zeros and looks for NaN
// in every sum that it enters, and in no other.
func TestMatMulKeepsNaN(t *testing.T) {
	for _, s := range []struct{ m, n, k int }{{1, 1, 1}, {13, 33, 7}, {40, 70, 500}, {300, 270, 130}, {1, 40, 30}} {
		for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
			c, a, b := New[float32](s.m, s.n), New[float32](s.m, s.k), New[float32](s.k, s.n)
			row, step := s.m-1, s.k/2
			a.Set(bad, row, step)
			MatMul(c, a, b, Product[float32]{})
			for i := range s.m {
				for j := range s.n {
					if v := c.At(i, j); (v != v) != (i == row) {
						t.Fatalf("%+v with %v in a[%d %d]: c[%d %d] is %v", s, bad, row, step, i, j, v)
					}
				}
			}
		}
	}
}

func TestMatMulAllocatesNothing(t *testing.T) {
	for _, s := range []struct{ m, n, k int }{{32, 10, 32}, {1, 512, 784}, {128, 512, 784}, {300, 300, 300}, {1030, 400, 1000}} {
		x := drawMatMul[float32](rand.New(rand.NewPCG(5, 0)), s.m, s.n, s.k, false, true, true, true)
		if n := testing.AllocsPerRun(10, func() { MatMul(x.c, x.a, x.b, x.how) }); n != 0 {
			t.Errorf("%+v: %v allocations, want none", s, n)
		}
	}
}

func TestMatMulRefusesShapes(t *testing.T) {
	for name, f := range map[string]func(){
		"k":    func() { MatMul(New[float32](2, 2), New[float32](2, 3), New[float32](2, 2), Product[float32]{}) },
		"c":    func() { MatMul(New[float32](2, 3), New[float32](2, 2), New[float32](2, 2), Product[float32]{}) },
		"rank": func() { MatMul(New[float32](2), New[float32](2, 2), New[float32](2), Product[float32]{}) },
		"trans": func() {
			MatMul(New[float32](2, 2), New[float32](2, 3), New[float32](3, 2), Product[float32]{TransA: true})
		},
		"bias": func() {
			MatMul(New[float32](2, 2), New[float32](2, 2), New[float32](2, 2), Product[float32]{Bias: []float32{1}})
		},
		"addend": func() {
			MatMul(New[float32](2, 2), New[float32](2, 2), New[float32](2, 2), Product[float32]{Addend: New[float32](4), Scales: []float32{1, 1}})
		},
		"scales": func() {
			MatMul(New[float32](2, 2), New[float32](2, 2), New[float32](2, 2), Product[float32]{Addend: New[float32](2, 2), Scales: []float32{1}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if _, ok := recover().(*ShapeError); !ok {
					t.Error("no ShapeError")
				}
			}()
			f()
		})
	}
}
