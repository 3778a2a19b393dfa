package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestMicroKernels(t *testing.T) {
	for level := Portable; level <= detect(); level++ {
		t.Run(level.String(), func(t *testing.T) {
			t.Run("float32", func(t *testing.T) { testMicroKernel(t, gemm32[level], level) })
			t.Run("float64", func(t *testing.T) { testMicroKernel(t, gemm64[level], level) })
		})
	}
}

// testMicroKernel holds a kernel to its loop, bit for bit, in tiles of every
// size, with guards of NaN around every slice and between the rows of c.
func testMicroKernel[F Float](t *testing.T, k gemmKernel[F], level Level) {
	rng := rand.New(rand.NewPCG(1, uint64(level)))
	for rows := 1; rows <= 7*k.rows+1; rows++ {
		for cols := 1; cols <= k.cols; cols++ {
			for _, steps := range []int{0, 1, 4, 5, 11, 19, 41} {
				odd := rng.IntN(4) == 0
				p := panel[F]{rows: rows, cols: cols, steps: steps, ldc: cols + rng.IntN(3)}
				p.ends.Add = rng.IntN(2) == 0
				c := drawGuarded[F](rng, (rows-1)*p.ldc+cols, odd)
				p.c = c[guard : len(c)-guard]
				for i := range rows - 1 {
					fillNaN(p.c[i*p.ldc+cols : (i+1)*p.ldc])
				}
				p.a = inner(drawGuarded[F](rng, roundUp(rows, k.rows)*steps, odd))
				p.aRow, p.aStep, p.aTile = 1, k.rows, k.rows*steps
				if k.anywhere && rng.IntN(2) == 0 {
					p.aRow, p.aStep = steps+rng.IntN(3), 1
					p.aTile = k.rows * p.aRow
					p.a = inner(drawGuarded[F](rng, (rows-1)*p.aRow+max(0, steps-1)*p.aStep+1, odd))
				}
				p.ends.ReLU = k.anywhere && rng.IntN(2) == 0
				if k.packs > 0 && cols%k.packs == 0 && rows%k.rows == 0 && rng.IntN(2) == 0 {
					p.ends.ReLU = false
					p.ends.Addend = inner(drawGuarded[F](rng, (rows-1)*p.ldc+cols, odd))
					p.ends.Scales = inner(drawGuarded[F](rng, rows, odd))
				}
				p.b = inner(drawGuarded[F](rng, k.cols*steps, odd))
				if rng.IntN(2) == 0 {
					p.ends.Columns = inner(drawGuarded[F](rng, cols, odd))
				}
				if rng.IntN(2) == 0 {
					p.ends.Rows = inner(drawGuarded[F](rng, roundUp(rows, k.rows), odd))
				}
				want := slices.Clone(c)
				q := p
				q.c = want[guard : len(want)-guard]
				mulByDefinition(q, k, level)
				if k.packs > 0 && cols%k.packs == 0 && steps > 0 && rng.IntN(2) == 0 {
					unpack(rng, &p, k.cols)
				}
				k.run(p)
				for i, v := range p.b {
					if i%k.cols < cols && !sameBits(v, q.b[i]) {
						t.Fatalf("rows %d, cols %d, steps %d: element %d of the packed panel is %v, want %v", rows, cols, steps, i, v, q.b[i])
					}
				}
				for i := range c {
					if !sameBits(c[i], want[i]) {
						t.Fatalf("rows %d, cols %d, steps %d, ldc %d, add %v: c[%d] is %v, want %v", rows, cols, steps, p.ldc, p.ends.Add, i-guard, c[i], want[i])
					}
				}
			}
		}
	}
}

// unpack lays the steps of p's panel out apart, for the kernel to pack again.
func unpack[F Float](rng *rand.Rand, p *panel[F], width int) {
	p.fromStep = p.cols + rng.IntN(3)
	p.from = inner(drawGuarded[F](rng, (p.steps-1)*p.fromStep+p.cols, false))
	for s := range p.steps {
		copy(p.from[s*p.fromStep:][:p.cols], p.b[s*width:])
	}
	p.b = inner(drawGuarded[F](rng, len(p.b), true))
}

// TestMulPackedEnds holds every level to the loops, for neither ReLU nor the
// addend is the kernel's everywhere.
func TestMulPackedEnds(t *testing.T) {
	levels(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(7, 0))
		height, width := Tile[float32]()
		for _, rows := range []int{1, height, 2 * height, 2*height + 1} {
			for _, cols := range []int{3, width / 4, width, width + 3, 2*width - width/4, 2 * width} {
				const steps = 5
				ldc := cols + 2
				a, b := inner(drawGuarded[float32](rng, 3*height*steps, true)), inner(drawGuarded[float32](rng, 2*width*steps, true))
				addend, scales := inner(drawGuarded[float32](rng, rows*ldc, true)), inner(drawGuarded[float32](rng, rows, true))
				product := func(ends Ends[float32]) []float32 {
					c := make([]float32, rows*ldc)
					MulPacked(c, ldc, rows, cols, steps, a, Panels[float32]{Packed: b}, ends)
					return c
				}
				rectified, added := product(Ends[float32]{}), product(Ends[float32]{})
				reluPortable(rectified, rectified, rectified, [4]float32{})
				for i, s := range scales {
					for j := range cols {
						added[i*ldc+j] = fma(s, addend[i*ldc+j], added[i*ldc+j])
					}
				}
				if got := product(Ends[float32]{ReLU: true}); !slices.EqualFunc(got, rectified, sameBits) {
					t.Fatalf("ReLU of %d×%d: %v, want %v", rows, cols, got, rectified)
				}
				if got := product(Ends[float32]{Addend: addend, Scales: scales}); !slices.EqualFunc(got, added, sameBits) {
					t.Fatalf("addend of %d×%d: %v, want %v", rows, cols, got, added)
				}
			}
		}
	})
}

// mulByDefinition is the loop in the doc comment of MulPacked.
func mulByDefinition[F Float](p panel[F], k gemmKernel[F], level Level) {
	for i := range p.rows {
		for j := range p.cols {
			var sum, before, column F
			if p.ends.Rows != nil {
				sum = p.ends.Rows[i]
			}
			for s := range p.steps {
				x, y := p.a[i/k.rows*p.aTile+i%k.rows*p.aRow+s*p.aStep], p.b[s*k.cols+j]
				if level == Portable {
					sum += F(x * y)
				} else {
					sum = fma(x, y, sum)
				}
			}
			if p.ends.Add {
				before = p.c[i*p.ldc+j]
			}
			if p.ends.Columns != nil {
				column = p.ends.Columns[j]
			}
			p.c[i*p.ldc+j] = before + sum + column
			if p.ends.Addend != nil {
				p.c[i*p.ldc+j] = fma(p.ends.Scales[i], p.ends.Addend[i*p.ldc+j], p.c[i*p.ldc+j])
			}
			if p.ends.ReLU && p.c[i*p.ldc+j] < 0 {
				p.c[i*p.ldc+j] = 0
			}
		}
	}
}

// guard is how many NaN surround a slice under test.
const guard = 40

// drawGuarded returns n random numbers between guards; odd ones include NaN,
// infinities, zeros of both signs, and the smallest and largest numbers.
func drawGuarded[F Float](rng *rand.Rand, n int, odd bool) []F {
	x := make([]F, n+2*guard)
	for i := range x {
		x[i] = F(rng.NormFloat64())
		if odd && rng.IntN(8) == 0 {
			x[i] = oddValues[F]()[rng.IntN(8)]
		}
	}
	fillNaN(x[:guard])
	fillNaN(x[guard+n:])
	return x
}

func oddValues[F Float]() [8]F {
	tiny, huge := math.SmallestNonzeroFloat64, math.MaxFloat64
	if _, ok := any(F(0)).(float32); ok {
		tiny, huge = math.SmallestNonzeroFloat32, math.MaxFloat32
	}
	inf := F(math.Inf(1))
	return [8]F{F(math.NaN()), inf, -inf, 0, F(math.Copysign(0, -1)), F(tiny), F(-tiny), F(huge)}
}

func inner[F Float](x []F) []F { return x[guard : len(x)-guard] }

func fillNaN[F Float](x []F) {
	for i := range x {
		x[i] = F(math.NaN())
	}
}

// sameBits says whether two numbers are the same, all NaN being one.
func sameBits[F Float](x, y F) bool {
	return math.Float64bits(float64(x)) == math.Float64bits(float64(y)) || x != x && y != y
}
