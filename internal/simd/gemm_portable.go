package simd

// gemmPortable is the micro-kernel in Go, with tiles of 4×4.
func gemmPortable[F Float]() gemmKernel[F] {
	const rows, cols = 4, 4
	return gemmKernel[F]{rows, cols, func(p panel[F]) { gemmTwin(p, rows, cols) }}
}

// gemmTwin does a panel for tiles of any even number of rows and any multiple
// of four columns. Two by four sums stay in registers.
func gemmTwin[F Float](p panel[F], tileRows, tileCols int) {
	for i := 0; i < p.rows; i += 2 {
		a := p.a[i/tileRows*tileRows*p.steps+i%tileRows*min(p.steps, 1):]
		for j := 0; j < p.cols; j += 4 {
			b := p.b[j*min(p.steps, 1):]
			var s0, s1 F
			if p.ends.Rows != nil {
				s0, s1 = p.ends.Rows[i], p.ends.Rows[i+1]
			}
			s00, s01, s02, s03, s10, s11, s12, s13 := s0, s0, s0, s0, s1, s1, s1, s1
			for at := range p.steps {
				x := a[at*tileRows : at*tileRows+2 : at*tileRows+2]
				y := b[at*tileCols : at*tileCols+4 : at*tileCols+4]
				s00 += x[0] * y[0]
				s01 += x[0] * y[1]
				s02 += x[0] * y[2]
				s03 += x[0] * y[3]
				s10 += x[1] * y[0]
				s11 += x[1] * y[1]
				s12 += x[1] * y[2]
				s13 += x[1] * y[3]
			}
			p.store(i, j, [4]F{s00, s01, s02, s03})
			p.store(i+1, j, [4]F{s10, s11, s12, s13})
		}
	}
}

// store ends the sums of row i from column j on, those that lie inside c.
func (p *panel[F]) store(i, j int, sums [4]F) {
	if i >= p.rows {
		return
	}
	row := p.c[i*p.ldc+j : i*p.ldc+min(j+4, p.cols)]
	for q := range row {
		var before, column F
		if p.ends.Add {
			before = row[q]
		}
		if p.ends.Columns != nil {
			column = p.ends.Columns[j+q]
		}
		row[q] = before + sums[q] + column
	}
}
