package simd

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestStreamsAreTheLoops wants the bits of the loops that write through the
// caches, at every length and offset, aligned or not, and nothing else written.
func TestStreamsAreTheLoops(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		testStreams[float32](t)
		testStreams[float64](t)
	})
}

func testStreams[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	list := inputs[F](rng)[1]
	for _, c := range []struct {
		name          string
		stream, plain func(dst, a, b []F)
	}{
		{"ScaleStream", func(dst, a, _ []F) { ScaleStream(dst, a, a, -1.7) }, func(dst, a, _ []F) { Scale(dst, a, -1.7) }},
		{"ScaleNext", func(dst, a, _ []F) { ScaleNext(dst, a, a, -1.7) }, func(dst, a, _ []F) { Scale(dst, a, -1.7) }},
		{"MirrorSigmoidStream", func(dst, a, b []F) { MirrorSigmoidStream(dst, a, b, 0.1) }, func(dst, a, b []F) { MirrorSigmoid(dst, a, b, 0.1) }},
	} {
		for n := range 131 {
			for offset := range 16 {
				whole := Aligned[F](offset + n + margin)
				a, b := make([]F, n), make([]F, n)
				draw(a, rng, list)
				draw(b, rng, list)
				want, state := slices.Clone(whole), slices.Clone(a)
				c.plain(want[offset:offset+n], state, b)
				c.stream(whole[offset:offset+n], a, b)
				if !equalBits(whole, want) || !equalBits(a, state) {
					t.Fatalf("%s of %d elements at offset %d: %v and %v, want %v and %v", c.name, n, offset, whole, a, want, state)
				}
			}
		}
	}
}

// TestMirrorSigmoidNextIsTheLoop wants the bits of the loop in place, at every
// length and offset, y as it was, and nothing else written.
func TestMirrorSigmoidNextIsTheLoop(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		testMirrorSigmoidNext[float32](t)
		testMirrorSigmoidNext[float64](t)
	})
}

func testMirrorSigmoidNext[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 18))
	lists := inputs[F](rng) // finite, and with much that is not
	for n := range 131 {
		for _, offset := range []int{0, 0, 1, 8, 256} {
			x, next := Aligned[F](offset+n+margin), MidPage[F](rng.IntN(2)*offset+n+margin)
			shift := len(next) - n - margin
			y, g := make([]F, n), make([]F, n)
			list := lists[rng.IntN(2)]
			draw(y, rng, list)
			draw(g, rng, list)
			wantX, wantNext, was := slices.Clone(x), slices.Clone(next), slices.Clone(y)
			copy(wantNext[shift:], y)
			MirrorSigmoid(wantX[offset:offset+n], wantNext[shift:shift+n], g, 0.1)
			finite := MirrorSigmoidNext(x[offset:offset+n], next[shift:shift+n], y, g, 0.1, rng.IntN(2) == 0)
			if finite != Finite(wantNext) {
				t.Fatalf("%d elements at offsets %d and %d: told %v of %v", n, offset, shift, finite, wantNext)
			}
			if !equalBits(x, wantX) || !equalBits(next, wantNext) || !equalBits(y, was) {
				t.Fatalf("%d elements at offsets %d and %d: %v, %v and %v, want %v, %v and %v", n, offset, shift, x, next, y, wantX, wantNext, was)
			}
		}
	}
}
