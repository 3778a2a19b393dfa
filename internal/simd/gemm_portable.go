package simd

// The tile of the micro-kernel in Go. Two by four sums stay in registers.
const portableRows, portableCols = 4, 4

func gemmPortable[F Float]() gemmKernel[F] {
	return gemmKernel[F]{rows: portableRows, cols: portableCols, together: 1, partA: 1 << 15, partB: 3 << 14, run: mulPanelPortable[F]}
}

// mulPanelPortable rounds products, so that no architecture joins them with the
// addition and all have the same bits.
func mulPanelPortable[F Float](p panel[F]) {
	for i := 0; i < p.rows; i += 2 {
		a := p.a[i/portableRows*portableRows*p.steps+i%portableRows*min(p.steps, 1):]
		for j := 0; j < p.cols; j += portableCols {
			b := p.b[j*p.steps:]
			var s0, s1 F
			if p.ends.Rows != nil {
				s0, s1 = p.ends.Rows[i], p.ends.Rows[i+1]
			}
			s00, s01, s02, s03, s10, s11, s12, s13 := s0, s0, s0, s0, s1, s1, s1, s1
			for at := range p.steps {
				x := a[at*portableRows : at*portableRows+2 : at*portableRows+2]
				y := b[at*portableCols : at*portableCols+4 : at*portableCols+4]
				s00 += F(x[0] * y[0])
				s01 += F(x[0] * y[1])
				s02 += F(x[0] * y[2])
				s03 += F(x[0] * y[3])
				s10 += F(x[1] * y[0])
				s11 += F(x[1] * y[1])
				s12 += F(x[1] * y[2])
				s13 += F(x[1] * y[3])
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
