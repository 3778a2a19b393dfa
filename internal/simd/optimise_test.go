package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestStepsAreTheirParts wants the bits of the average and the step one after
// the other, all as it was where a gradient is not finite, and told whether one
// is not; at every length of a few vectors, and where slices are taken by
// halves.
func TestStepsAreTheirParts(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		testSteps[float32](t)
		testSteps[float64](t)
	})
}

func testSteps[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	lists := inputs[F](rng) // finite, and with much that is not
	lengths := []int{1<<13 - 1, 1 << 13, 1<<13 + 1, 1<<13 + 77, 1<<15 - 19, 1 << 15}
	for n := range 131 {
		lengths = append(lengths, n)
	}
	for name, c := range map[string]struct {
		step  func(theta, m, g []F) bool
		parts func(theta, m, g []F)
	}{
		"EMAStep": {
			func(theta, m, g []F) bool { return EMAStep(theta, m, g, 0.3, 0.01, 0.999) },
			func(theta, m, g []F) { EMA(m, g, 0.3); ShrinkStep(theta, m, 0.01, 0.999) },
		},
		"HeavyBallStep": {
			func(theta, m, g []F) bool { return HeavyBallStep(theta, m, g, 0.9, 0.01, 0.999) },
			func(theta, m, g []F) { HeavyBall(m, g, 0.9); ShrinkStep(theta, m, 0.01, 0.999) },
		},
	} {
		for i, n := range lengths {
			wholeTheta, theta := guarded[F](n, i%9)
			wholeM, m := guarded[F](n, i%5)
			g := make([]F, n)
			for lo := 0; lo < n; lo += 256 {
				for _, x := range [][]F{theta, m, g} {
					draw(x[lo:min(lo+256, n)], rng, lists[i%2])
				}
			}
			if n > 0 && i%4 == 0 {
				g[rng.IntN(n)] = F(math.Inf(1))
			}
			wantTheta, wantM := slices.Clone(wholeTheta), slices.Clone(wholeM)
			c.parts(wantTheta[margin+i%9:][:n], wantM[margin+i%5:][:n], g)
			for k := range g {
				if g[k]-g[k] != 0 {
					wantTheta[margin+i%9+k], wantM[margin+i%5+k] = theta[k], m[k]
				}
			}
			if told := c.step(theta, m, g); told != Finite(g) {
				t.Errorf("%s of %d elements: told %v", name, n, told)
			}
			if !equalBits(wholeTheta, wantTheta) || !equalBits(wholeM, wantM) {
				t.Errorf("%s of %d elements differs from its parts", name, n)
			}
		}
	}
}
