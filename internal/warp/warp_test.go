package warp_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/gradus-ml/gradus/internal/warp"
)

// The map goes from the picture made to the one given, so it undoes the
// motion: moved forward, the point it names is the pixel.
func TestAffineUndoesTheMotion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.Float64Range(-1, 1)
		m := warp.Motion{
			ScaleX: math.Exp(unit.Draw(t, "sx")), ScaleY: math.Exp(unit.Draw(t, "sy")),
			Shear: unit.Draw(t, "shear"), Rotate: 3 * unit.Draw(t, "rotate"),
			ShiftX: 9 * unit.Draw(t, "dx"), ShiftY: 9 * unit.Draw(t, "dy"),
		}
		w := warp.Warp{Width: rapid.IntRange(1, 40).Draw(t, "width"), Height: rapid.IntRange(1, 40).Draw(t, "height")}
		w.Affine(m)
		x, y := rapid.IntRange(0, w.Width-1).Draw(t, "x"), rapid.IntRange(0, w.Height-1).Draw(t, "y")
		var u, v [1]float32
		w.Row(y, x, u[:], v[:])

		cx, cy := float64(w.Width-1)/2, float64(w.Height-1)/2
		px, py := (float64(u[0])-cx)*m.ScaleX, (float64(v[0])-cy)*m.ScaleY
		px += m.Shear * py
		sin, cos := math.Sincos(m.Rotate)
		gotX, gotY := cos*px-sin*py+cx+m.ShiftX, sin*px+cos*py+cy+m.ShiftY
		if math.Abs(gotX-float64(x)) > 1e-3 || math.Abs(gotY-float64(y)) > 1e-3 {
			t.Fatalf("pixel (%d, %d) comes back as (%v, %v)", x, y, gotX, gotY)
		}
	})
}

func TestBendIsSmooth(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	w := warp.Warp{Width: 64, Height: 64}
	w.Affine(warp.Motion{ScaleX: 1, ScaleY: 1})
	const strength = 3
	w.Bend(rng, strength)
	var rows [64][2][64]float32
	sum := 0.0
	for y := range rows {
		w.Row(y, 0, rows[y][0][:], rows[y][1][:])
		for x := range 64 {
			du, dv := float64(rows[y][0][x])-float64(x), float64(rows[y][1][x])-float64(y)
			sum += du*du + dv*dv
		}
	}
	if spread := math.Sqrt(sum / 64 / 64 / 2); spread < strength*0.2 || spread > strength*0.9 {
		t.Errorf("points move by %v on average", spread)
	}
	// The slope of a cubic B-spline is at most the largest difference of
	// neighbouring control points, 16 pixels apart: six deviations of it.
	for y := 1; y < 64; y++ {
		for x := range 64 {
			if d := math.Abs(float64(rows[y][0][x] - rows[y-1][0][x])); d > 6*strength*math.Sqrt2/16 {
				t.Fatalf("between rows %d and %d the displacement jumps by %v", y-1, y, d)
			}
		}
	}
	// A row may be read in pieces.
	var u, v [5]float32
	w.Row(9, 40, u[:], v[:])
	for i := range u {
		if u[i] != rows[9][0][40+i] || v[i] != rows[9][1][40+i] {
			t.Fatalf("in pieces: got (%v, %v)", u[i], v[i])
		}
	}
}

func TestSample(t *testing.T) {
	src := []float32{1, 2, 3, 4, 5, 6} // [2, 3]
	for _, test := range []struct{ u, v, want float32 }{
		{0, 0, 1}, {2, 1, 6}, {0.5, 0, 1.5}, {0, 0.5, 2.5}, {1.5, 0.5, 4},
		{-0.5, 0, 0.5}, {2.5, 1, 3}, {0, 1.75, 1}, // the border fades to 0
		{-1, 0, 0}, {3, 0, 0}, {0, 2, 0}, {1e30, 0, 0}, {float32(math.NaN()), 0, 0}, {0, float32(math.Inf(-1)), 0},
	} {
		if got := warp.Sample(src, 2, 3, test.u, test.v); got != test.want {
			t.Errorf("at (%v, %v): got %v: want %v", test.u, test.v, got, test.want)
		}
	}
}

func Example() {
	w := warp.Warp{Width: 3, Height: 3}
	w.Affine(warp.Motion{ScaleX: 1, ScaleY: 1, ShiftX: 1})
	src := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9}
	var u, v [3]float32
	w.Row(1, 0, u[:], v[:])
	for i := range u {
		fmt.Print(warp.Sample(src, 3, 3, u[i], v[i]), " ")
	}
	// Output: 0 4 5
}
