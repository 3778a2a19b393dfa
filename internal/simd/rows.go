package simd

// AddRows adds each row of x, a matrix [rows, len(dst)], to dst, from first to
// last. It runs on the caller.
func AddRows[F Float](dst, x []F) {
	if len(dst) == 0 || len(x)%len(dst) != 0 {
		panic(lengths("simd.AddRows", len(dst), len(x)))
	}
	if rows := len(x) / len(dst); rows > 0 {
		table[F]().addRows(dst, x, rows)
	}
}

func addRowsPortable[F Float](dst, x []F, rows int) {
	for r := range rows {
		for c, v := range x[r*len(dst) : (r+1)*len(dst)] {
			dst[c] += v
		}
	}
}
