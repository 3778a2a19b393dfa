package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// atEveryLevel runs a test with each level that the processor has.
func atEveryLevel(t *testing.T, f func(t *testing.T)) {
	best, was := detect(), active
	t.Cleanup(func() { active = was })
	for l := Portable; l <= best; l++ {
		t.Run(l.String(), func(t *testing.T) {
			active = l
			f(t)
		})
	}
}

// loopCase is a loop, its twin and how far apart they may be.
type loopCase[F Float] struct {
	name    string
	of      func(k *kernels[F]) loop[F]
	scalars [4]F
	ulps    float64 // of the result; 0 is equal bits, any NaN being equal to any other
	slope   bool    // an error of ulps relative to |b| too, for derivatives that pass through 0
}

func loopCases[F Float]() []loopCase[F] {
	c := func(name string, ulps float64, of func(k *kernels[F]) loop[F], scalars ...F) loopCase[F] {
		out := loopCase[F]{name: name, of: of, ulps: ulps}
		copy(out.scalars[:], scalars)
		return out
	}
	far := 104.0 // e^−far is the smallest number
	if _, ok := any(F(0)).(float64); ok {
		far = 745
	}
	cases := []loopCase[F]{
		c("add", 0, func(k *kernels[F]) loop[F] { return k.add }),
		c("sub", 0, func(k *kernels[F]) loop[F] { return k.sub }),
		c("mul", 0, func(k *kernels[F]) loop[F] { return k.mul }),
		c("div", 0, func(k *kernels[F]) loop[F] { return k.div }),
		c("addMul", 0, func(k *kernels[F]) loop[F] { return k.addMul }),
		c("addScaled", 0, func(k *kernels[F]) loop[F] { return k.addScaled }, 0.3),
		c("scale", 0, func(k *kernels[F]) loop[F] { return k.scale }, -1.7),
		c("standardise", 0, func(k *kernels[F]) loop[F] { return k.standardise }, 0.3, 1.7, -2.1),
		c("abs", 0, func(k *kernels[F]) loop[F] { return k.abs }),
		c("sqrt", 0, func(k *kernels[F]) loop[F] { return k.sqrt }),
		c("clamp", 0, func(k *kernels[F]) loop[F] { return k.clamp }, -1.5, 2),
		c("signStep", 0, func(k *kernels[F]) loop[F] { return k.signStep }, 0.3, -1.5, 2),
		c("relu", 0, func(k *kernels[F]) loop[F] { return k.relu }),
		c("leakyReLU", 0, func(k *kernels[F]) loop[F] { return k.leakyReLU }, 0.1),
		c("exp", 3, func(k *kernels[F]) loop[F] { return k.exp }),
		c("log", 2, func(k *kernels[F]) loop[F] { return k.log }),
		c("tanh", 3, func(k *kernels[F]) loop[F] { return k.tanh }),
		c("sigmoid", 3, func(k *kernels[F]) loop[F] { return k.sigmoid }),
		c("softplus", 3, func(k *kernels[F]) loop[F] { return k.softplus }),
		c("silu", 4, func(k *kernels[F]) loop[F] { return k.silu }),
		c("gelu", 8, func(k *kernels[F]) loop[F] { return k.gelu }),
		c("geluTanh", 4+3*far, func(k *kernels[F]) loop[F] { return k.geluTanh }),
		c("ema", 0, func(k *kernels[F]) loop[F] { return k.ema }, 0.1, 0.9),
		c("heavyBall", 0, func(k *kernels[F]) loop[F] { return k.heavyBall }, 0.9),
		c("adam", 0, func(k *kernels[F]) loop[F] { return k.adam }, 0.9, 0.1, 0.999, 0.001),
		c("shrinkStep", 0, func(k *kernels[F]) loop[F] { return k.shrinkStep }, -0.01, 0.99),
		c("diagonalStep", 0, func(k *kernels[F]) loop[F] { return k.diagonalStep }, -0.01, 1.1, 1e-8),
		c("mirror", 3, func(k *kernels[F]) loop[F] { return k.mirror }, -0.01),
	}
	for add := range 2 {
		for _, p := range []struct {
			name string
			ulps float64
			of   func(k *kernels[F]) [2]loop[F]
		}{
			{"reluPull", 0, func(k *kernels[F]) [2]loop[F] { return k.reluPull }},
			{"leakyReLUPull", 0, func(k *kernels[F]) [2]loop[F] { return k.leakyReLUPull }},
			{"tanhPull", 0, func(k *kernels[F]) [2]loop[F] { return k.tanhPull }},
			{"sigmoidPull", 0, func(k *kernels[F]) [2]loop[F] { return k.sigmoidPull }},
			{"softplusPull", 4, func(k *kernels[F]) [2]loop[F] { return k.softplusPull }},
			{"siluPull", 8, func(k *kernels[F]) [2]loop[F] { return k.siluPull }},
			{"geluPull", 8, func(k *kernels[F]) [2]loop[F] { return k.geluPull }},
			{"geluTanhPull", 16, func(k *kernels[F]) [2]loop[F] { return k.geluTanhPull }},
		} {
			one := c(fmt.Sprintf("%s[%d]", p.name, add), p.ulps, func(k *kernels[F]) loop[F] { return p.of(k)[add] }, 0.1)
			one.slope = true
			cases = append(cases, one)
		}
	}
	return cases
}

// margin is how many elements of NaN guard both sides of a slice.
const margin = 8

// guarded returns a slice of n elements at an offset, with NaN around it.
func guarded[F Float](n, offset int) (whole, part []F) {
	whole = make([]F, margin+offset+n+margin)
	for i := range whole {
		whole[i] = F(math.NaN())
	}
	return whole, whole[margin+offset : margin+offset+n]
}

// specials are the inputs where functions break.
func specials[F Float]() []F {
	inf, nan := F(math.Inf(1)), F(math.NaN())
	values := []F{0, 1, inf, nan, 0.5, 2, 700, 745, 88.72, 88.73, 87.4, 103.9, 104, 0x1p-126, 0x1p-127, 0x1p-149, 0x1p126, 9.01, 14.4, 0.41, 0.7, 1.4142135, 1e10, 1e-10, 38.5, 40, 41}
	for _, v := range []float64{math.MaxFloat64, math.MaxFloat32, math.SmallestNonzeroFloat64, 0x1p-1022, 0x1p-1023, 709.7, 709.8, 708.4} {
		values = append(values, F(v))
	}
	out := values
	for _, v := range values {
		out = append(out, -v)
	}
	return out
}

// inputs are ordinary numbers and, in the second list, specials among them.
func inputs[F Float](rng *rand.Rand) (lists [2][]F) {
	s := specials[F]()
	for kind := range lists {
		lists[kind] = make([]F, 1<<12)
		for i := range lists[kind] {
			lists[kind][i] = F(10 * rng.NormFloat64())
			if kind == 1 && rng.IntN(3) == 0 {
				lists[kind][i] = s[rng.IntN(len(s))]
			}
		}
	}
	return lists
}

// draw fills x with a stretch of one of the lists.
func draw[F Float](x []F, rng *rand.Rand, list []F) {
	copy(x, list[rng.IntN(len(list)-len(x)):])
}

// unit is the distance from |x| to the next number.
func unit[F Float](x F) float64 {
	if _, ok := any(x).(float32); ok {
		a := float32(math.Abs(float64(x)))
		return float64(math.Float32frombits(math.Float32bits(a)+1)) - float64(a)
	}
	a := math.Abs(float64(x))
	return math.Nextafter(a, math.Inf(1)) - a
}

// close reports whether got and want differ by at most so many units of the
// larger of want and scale, or by what the rounding of a subnormal factor makes
// of it when it is multiplied by x.
func close[F Float](got, want F, ulps, scale float64, x F) bool {
	switch {
	case got != got || want != want:
		return got != got && want != want
	case got == want:
		return math.Signbit(float64(got)) == math.Signbit(float64(want)) || ulps > 0
	case math.IsInf(float64(got), 0) || math.IsInf(float64(want), 0):
		return false
	}
	tolerance := ulps * unit(F(max(math.Abs(float64(want)), scale)))
	if ulps > 0 && math.Abs(float64(x)) < 1000 {
		tolerance += math.Abs(float64(x)) * unit(F(0))
	}
	return math.Abs(float64(got)-float64(want)) <= tolerance
}

func testLoops[F Float](t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		k, twin := table[F](), portable[F]()
		lists := inputs[F](rand.New(rand.NewPCG(3, 4)))
		for _, c := range loopCases[F]() {
			rng := rand.New(rand.NewPCG(1, 2))
			loop, want := c.of(k), c.of(&twin)
			for n := range 131 {
				for offset := range 16 {
					checkLoop(t, c, loop, want, n, offset, rng, lists[offset%2])
				}
				if t.Failed() {
					break
				}
			}
		}
	})
}

// checkLoop compares one call with the twin's and looks at the guards.
func checkLoop[F Float](t *testing.T, c loopCase[F], loop, twin loop[F], n, offset int, rng *rand.Rand, list []F) {
	t.Helper()
	var whole, part, wanted [3][]F
	for i := range part {
		whole[i], part[i] = guarded[F](n, (offset+5*i)%16)
		draw(part[i], rng, list)
		wanted[i] = append([]F(nil), part[i]...)
	}
	before := append([]F(nil), part[0]...)
	if n > 0 {
		loop(part[0], part[1], part[2], c.scalars)
		twin(wanted[0], wanted[1], wanted[2], c.scalars)
	}
	for s := range part {
		for i := range part[s] {
			scale := 0.0
			if c.slope {
				if far := math.Abs(float64(part[1][i])) > 8; far && c.ulps > 0 && math.IsInf(float64(part[2][i]), 0) {
					continue // infinity times what may be 0 or all but 0
				}
				scale = math.Abs(float64(part[2][i]))
				if strings.HasSuffix(c.name, "[1]") {
					scale = max(scale, math.Abs(float64(before[i])))
				}
			}
			if !close(part[s][i], wanted[s][i], c.ulps, scale, part[1][i]) {
				t.Errorf("%s, %d elements, offset %d, slice %d: element %d of a=%v b=%v before %v is %v, want %v",
					c.name, n, offset, s, i, part[1][i], part[2][i], before[i], part[s][i], wanted[s][i])
				return
			}
		}
		for i, v := range whole[s] {
			if at := i - margin - (offset+5*s)%16; (at < 0 || at >= n) && v == v {
				t.Fatalf("%s, %d elements, offset %d: wrote element %d of slice %d", c.name, n, offset, at, s)
			}
		}
	}
}

func TestLoops32(t *testing.T) { testLoops[float32](t) }
func TestLoops64(t *testing.T) { testLoops[float64](t) }
