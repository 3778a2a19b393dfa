// Package warp bends pictures: it says, for each pixel of the picture being
// made, which point of the given picture it shows. A [Warp] is an affine map
// followed by a smooth random displacement, a cubic B-spline over a few control
// points (Simard, Steinkraus and Platt, ICDAR 2003, smooth the displacement of
// each pixel with a Gaussian instead, which costs a convolution a picture).
//
//	w := warp.Warp{Width: 28, Height: 28}
//	w.Affine(warp.Motion{Rotate: 0.2, ScaleX: 1, ScaleY: 1})
//	w.Bend(rng, 0.8)
//	for y := range 28 {
//		w.Row(y, 0, u[:], v[:])
//		for x := range 28 {
//			dst[28*y+x] = warp.Sample(src, 28, 28, u[x], v[x])
//		}
//	}
package warp
