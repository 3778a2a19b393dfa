package shift

// passTen is passAny for ten classes, which are so common that their loop is
// written out: the sums stay in registers or one load away.
func passTen(sums *[10]float64, rows []float64, w *[10]float64) float64 {
	w0, w1, w2, w3, w4, w5, w6, w7, w8, w9 := w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8], w[9]
	var s0, s1, s2, s3, s4, s5, s6, s7, s8, s9 float64
	log, product := logSum{product: 1}, 1.0
	for ; len(rows) >= 10; rows = rows[10:] {
		r := (*[10]float64)(rows)
		d := ((r[0]*w0 + r[1]*w1) + (r[2]*w2 + r[3]*w3)) + ((r[4]*w4 + r[5]*w5) + (r[6]*w6 + r[7]*w7)) + (r[8]*w8 + r[9]*w9)
		if next := product * d; d >= 1e-150 && next >= 1e-150 { // logSum.add, which is not inlined
			product = next
		} else {
			log.product = product
			log.spill(d)
			product = log.product
		}
		inverse := 1 / d
		s0 += r[0] * inverse
		s1 += r[1] * inverse
		s2 += r[2] * inverse
		s3 += r[3] * inverse
		s4 += r[4] * inverse
		s5 += r[5] * inverse
		s6 += r[6] * inverse
		s7 += r[7] * inverse
		s8 += r[8] * inverse
		s9 += r[9] * inverse
	}
	*sums = [10]float64{s0, s1, s2, s3, s4, s5, s6, s7, s8, s9}
	log.product = product
	return log.value()
}
