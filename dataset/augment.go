package dataset

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/internal/warp"
)

// Augment changes an example a little without changing its class. What it
// draws it draws from rng, which [Loader] sets to a stream of its own for each
// (seed, epoch, index); so an augmented epoch is as repeatable as a plain one.
type Augment interface {
	// Accepts says why examples of this kind cannot be changed, if they cannot.
	Accepts(info Info) error

	// Augment writes the changed example of the given shape to dst. dst and
	// src do not overlap. It is called from many goroutines.
	Augment(rng *rand.Rand, shape []int, dst, src []float32)
}

// Distort moves, bends and dims pictures [channels, height, width] whose
// values lie in [0, 1]. Each amount is the most that is drawn, either way;
// 0 turns it off. What moves in from outside is black.
type Distort struct {
	Shift      float64 // in x and in y, in pixels
	Rotate     float64 // in degrees
	Scale      float64 // of the log size
	Shear      float64 // in x for each pixel of y
	Elastic    float64 // standard deviation of the control points, in pixels
	Brightness float64 // of the log brightness
	Noise      float64 // standard deviation of each value's noise
}

// Accepts refuses examples that are not pictures, and amounts that are
// negative or not finite.
func (d Distort) Accepts(info Info) error {
	if len(info.Shape) != 3 {
		return fmt.Errorf("dataset.Distort: %s has examples of shape %v: want pictures, [channels height width]", info.Name, info.Shape)
	}
	for _, amount := range []float64{d.Shift, d.Rotate, d.Scale, d.Shear, d.Elastic, d.Brightness, d.Noise} {
		if !(amount >= 0) || math.IsInf(amount, 0) {
			return fmt.Errorf("dataset.Distort: %+v: want finite amounts of at least 0", d)
		}
	}
	return nil
}

// Augment draws one distortion and applies it to every channel.
func (d Distort) Augment(rng *rand.Rand, shape []int, dst, src []float32) {
	between := func(most float64) float64 { return most * (2*rng.Float64() - 1) }
	scale := math.Exp(between(d.Scale))
	height, width := shape[1], shape[2]
	w := warp.Warp{Height: height, Width: width}
	w.Affine(warp.Motion{
		ScaleX: scale, ScaleY: scale,
		Shear: between(d.Shear), Rotate: between(d.Rotate) * math.Pi / 180,
		ShiftX: between(d.Shift), ShiftY: between(d.Shift),
	})
	w.Bend(rng, d.Elastic)
	light := float32(math.Exp(between(d.Brightness)))

	plane := height * width
	var u, v [32]float32
	for y := range height {
		for x := 0; x < width; x += len(u) {
			n := min(width-x, len(u))
			w.Row(y, x, u[:n], v[:n])
			for c := range shape[0] {
				from, to := src[c*plane:(c+1)*plane], dst[c*plane+y*width+x:]
				for i := range n {
					to[i] = light * warp.Sample(from, height, width, u[i], v[i])
				}
			}
		}
	}
	for i, value := range dst {
		if d.Noise > 0 {
			value += float32(d.Noise * rng.NormFloat64())
		}
		dst[i] = min(max(value, 0), 1)
	}
}
