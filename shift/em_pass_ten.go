package shift

// passTen is passAny for ten classes, which are so common that their loops are
// written out. There are two of them over some rows at a time, which stay in
// the nearest cache in between: the weights fill the registers of the first,
// the sums those of the second, and neither spills.
func passTen(sums *[10]float64, rows []float64, w *[10]float64) float64 {
	const some = 64
	var inverse [some]float64
	log := logSum{product: 1}
	*sums = [10]float64{}
	for len(rows) >= 10 {
		n := min(some, len(rows)/10)
		invertTen(inverse[:n], rows, w, &log)
		addTen(sums, rows, inverse[:n])
		rows = rows[n*10:]
	}
	return log.value()
}

// invertTen writes 1/(Σ w p) of each row, and adds its logarithm to log.
func invertTen(inverse, rows []float64, w *[10]float64, log *logSum) {
	w0, w1, w2, w3, w4, w5, w6, w7, w8, w9 := w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8], w[9]
	product := log.product
	for i := range inverse {
		r := (*[10]float64)(rows[i*10:])
		d := ((r[0]*w0 + r[1]*w1) + (r[2]*w2 + r[3]*w3)) + ((r[4]*w4 + r[5]*w5) + (r[6]*w6 + r[7]*w7)) + (r[8]*w8 + r[9]*w9)
		inverse[i] = 1 / d
		if next := product * d; d >= 1e-150 && next >= 1e-150 { // logSum.add, which is not inlined
			product = next
			continue
		}
		log.product = product
		log.spill(d)
		product = log.product
	}
	log.product = product
}

// addTen adds inverse·p over the rows to sums.
func addTen(sums *[10]float64, rows, inverse []float64) {
	s0, s1, s2, s3, s4, s5, s6, s7, s8, s9 := sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7], sums[8], sums[9]
	for i, v := range inverse {
		r := (*[10]float64)(rows[i*10:])
		s0 += r[0] * v
		s1 += r[1] * v
		s2 += r[2] * v
		s3 += r[3] * v
		s4 += r[4] * v
		s5 += r[5] * v
		s6 += r[6] * v
		s7 += r[7] * v
		s8 += r[8] * v
		s9 += r[9] * v
	}
	*sums = [10]float64{s0, s1, s2, s3, s4, s5, s6, s7, s8, s9}
}
