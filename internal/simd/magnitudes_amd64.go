package simd

func magnitudes(x []float32) (lanes [2][8]uint32, done int) {
	lanes = noMagnitudes()
	if done = len(x) &^ 15; active == Portable || done == 0 {
		return lanes, 0
	}
	magnitudesAVX2(&x[0], 4*done, &lanes)
	return lanes, done
}
