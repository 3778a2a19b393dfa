package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// drawParts returns numbers whose exponents are up to so far apart.
func drawParts(rng *rand.Rand, n, spread int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(math.Ldexp(rng.NormFloat64(), -rng.IntN(spread)))
	}
	return x
}

// TestSplit holds both layouts to their loop, in blocks of every fullness and
// from lanes and steps that lie either way.
func TestSplit(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for _, size := range [][2]int{{1, 1}, {31, 33}, {32, 32}, {33, 31}, {64, 96}, {5, 70}, {80, 7}} {
		lanes, steps := size[0], size[1]
		for _, columns := range []bool{false, true} {
			for _, lies := range []bool{false, true} {
				laneStride, stepStride := steps+3, 1
				if lies {
					laneStride, stepStride = 1, lanes+3
				}
				x := drawParts(rng, (lanes-1)*laneStride+(steps-1)*stepStride+1, 60)
				depth := steps + PartSide
				got := make([]uint16, PartsSize(lanes, depth))
				Split(got, depth, x, laneStride, stepStride, lanes, steps, columns)
				want := make([]uint16, len(got))
				for l := 0; l < lanes; l += PartSide {
					for p := 0; p < steps; p += PartSide {
						var block [partTile]float32
						for i := range min(PartSide, lanes-l) {
							for j := range min(PartSide, steps-p) {
								block[i*PartSide+j] = x[(l+i)*laneStride+(p+j)*stepStride]
							}
						}
						splitBlockPortable(want[PartsSize(l, depth)+PartsSize(PartSide, p):], block[:], PartSide, false, columns)
					}
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%d lanes, %d steps, columns %v, lanes side by side %v: not the parts of the loop", lanes, steps, columns, lies)
				}
			}
		}
	}
}

// TestPartsAddUp: three parts hold a float32, down to the smallest.
func TestPartsAddUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 0))
	for range 200 {
		var x [partTile]float32
		for i := range x {
			x[i] = math.Float32frombits(rng.Uint32())
			for !(math.Abs(float64(x[i])) < 0x1p60) {
				x[i] = math.Float32frombits(rng.Uint32())
			}
		}
		x[0], x[1], x[2] = 0, math.SmallestNonzeroFloat32, -0x1.fffffep59
		var dst [partBlock]uint16
		splitBlock(dst[:], x[:], PartSide, false, false)
		for i, want := range x {
			sum := 0.0
			for q := range 3 {
				sum += float64(bfloat(dst[q*partTile+i]))
			}
			if sum != float64(want)*partScale {
				t.Fatalf("the parts of %v add up to %v", want, sum/partScale)
			}
		}
	}
}

// TestMulParts holds the product to its loop, bit for bit.
func TestMulParts(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 0))
	for _, size := range [][3]int{{32, 32, 32}, {1, 1, 5}, {33, 31, 64}, {40, 65, 70}, {5, 40, 0}} {
		rows, cols, steps := size[0], size[1], size[2]
		for spread := 1; spread < 200; spread += 99 {
			for variant := range 16 {
				x, y := drawParts(rng, max(1, rows*steps), spread), drawParts(rng, max(1, steps*cols), spread)
				a, b := make([]uint16, PartsSize(rows, steps)), make([]uint16, PartsSize(cols, steps))
				Split(a, steps, x, steps, 1, rows, steps, false)
				Split(b, steps, y, 1, cols, cols, steps, true)
				ldc := cols + 2
				c := inner(drawGuarded[float32](rng, rows*ldc, variant&1 == 0))
				ends := Ends[float32]{Add: variant&2 != 0, ReLU: variant&4 != 0}
				if variant&8 != 0 {
					ends.Columns = inner(drawGuarded[float32](rng, cols, true))
				}
				if variant&12 == 8 {
					ends.Addend, ends.Scales = inner(drawGuarded[float32](rng, rows*ldc, true)), inner(drawGuarded[float32](rng, rows, true))
				}
				want := slices.Clone(c)
				MulParts(c, ldc, rows, cols, steps, a, b, ends)
				for j := 0; j < cols; j += PartSide {
					part := ends
					if ends.Columns != nil {
						part.Columns = ends.Columns[j:]
					}
					if ends.Addend != nil {
						part.Addend = ends.Addend[j:]
					}
					mulPartsPortable(want[j:], ldc, rows, min(PartSide, cols-j), steps, a, b[PartsSize(j, steps):], part)
				}
				for i := range c {
					if !sameBits(c[i], want[i]) {
						t.Fatalf("%d×%d, %d steps, spread %d, %+v: c[%d] is %v, want %v", rows, cols, steps, spread, ends, i, c[i], want[i])
					}
				}
			}
		}
	}
}

// TestPartsAreExact holds sums by parts to their bound, which counts roundings:
// 15 in a chain, one of its halves, six in each block of steps, one for what is
// left out and one to spare. On average they are nearer to the truth than sums
// of one product after the other.
func TestPartsAreExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 0))
	draws := map[string]func(int) []float32{
		"normal": func(n int) []float32 { return drawParts(rng, n, 1) },
		"wide":   func(n int) []float32 { return drawParts(rng, n, 40) },
		"tiny": func(n int) []float32 {
			x := drawParts(rng, n, 20)
			Scale(x, x, 0x1p-60)
			return x
		},
		"cancelling": func(n int) []float32 { return alternating(drawParts(rng, n, 1)) },
		"one sign": func(n int) []float32 {
			x := drawParts(rng, n, 1)
			Abs(x, x)
			return x
		},
		"whole": func(n int) []float32 { return whole(drawParts(rng, n, 1)) },
	}
	for name, draw := range draws {
		for _, steps := range []int{128, 500, 512} {
			const rows, cols = 32, 16
			x, y := draw(rows*steps), draw(cols*steps)
			a, b, c := make([]uint16, PartsSize(rows, steps)), make([]uint16, PartsSize(cols, steps)), make([]float32, rows*cols)
			if !PartsFit(x, y) {
				t.Fatalf("%s: operands do not fit", name)
			}
			Split(a, steps, x, steps, 1, rows, steps, false)
			Split(b, steps, y, steps, 1, cols, steps, true)
			MulParts(c, cols, rows, cols, steps, a, b, Ends[float32]{})
			bound := (18 + 6*math.Ceil(float64(steps)/PartSide)) * 0x1p-24
			var parts, chain float64 // squares of relative errors
			for i := range rows {
				for j := range cols {
					var exact, size float64
					var sum float32
					for p := range steps {
						u, v := x[i*steps+p], y[j*steps+p]
						exact += float64(u) * float64(v)
						size += math.Abs(float64(u) * float64(v))
						sum = fma(u, v, sum)
					}
					got := math.Abs(float64(c[i*cols+j])-exact) / size
					parts, chain = parts+got*got, chain+math.Pow((float64(sum)-exact)/size, 2)
					if !(got <= bound) {
						t.Fatalf("%s, %d steps: error of %v, want at most %v", name, steps, got, bound)
					}
				}
			}
			t.Logf("%s, %d steps: %.3g by parts, %.3g one after the other", name, steps, math.Sqrt(parts/(rows*cols)), math.Sqrt(chain/(rows*cols)))
			if parts > chain {
				t.Errorf("%s, %d steps: errors of %v by parts, %v one after the other", name, steps, math.Sqrt(parts/(rows*cols)), math.Sqrt(chain/(rows*cols)))
			}
		}
	}
}

func alternating(x []float32) []float32 {
	for i := 1; i < len(x); i += 2 {
		x[i] = -x[i-1] * (1 + 0x1p-20*x[i])
	}
	return x
}

func whole(x []float32) []float32 {
	for i := range x {
		x[i] = float32(math.Round(100 * float64(x[i])))
	}
	return x
}
