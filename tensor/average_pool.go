package tensor

// AveragePool2D computes the mean of each window: y [batch, channels,
// outHeight, outWidth] from x [batch, channels, height, width]. Padding counts
// as zeros, unless g.ExcludePadding. Panics with a [*ShapeError] if the shapes
// do not fit g.
func AveragePool2D[F Float](y, x *Tensor[F], g Pooling) {
	g.check("tensor.AveragePool2D", y.Shape, x.Shape)
	j := planes(y.Data, x.Data, g)
	j.run((*averagePool[F])(j))
}

type averagePool[F Float] rowJob[F]

func (s *averagePool[F]) Block(i int) {
	j := (*rowJob[F])(s)
	g := &j.pool
	outW := g.OutWidth()
	for lo, hi := j.span(i); lo < hi; lo++ {
		y, x := j.plane(lo)
		for oy := range g.OutHeight() {
			top, bottom := covered(oy, g.KernelH, g.StrideH, g.PadH, g.Height)
			row := y[oy*outW : (oy+1)*outW]
			for ox := range row {
				left, right := covered(ox, g.KernelW, g.StrideW, g.PadW, g.Width)
				var sum F
				for r := top; r < bottom; r++ {
					for _, v := range x[r*g.Width+left : r*g.Width+right] {
						sum += v
					}
				}
				row[ox] = sum / F(g.divisor((bottom-top)*(right-left)))
			}
		}
	}
}

// divisor of the mean over a window with the given number of elements inside
// the plane.
func (g *Pooling) divisor(inside int) int {
	if g.ExcludePadding {
		return inside
	}
	return g.KernelH * g.KernelW
}

// AveragePool2DPull shares each dy out over its window: dx is the adjoint of
// [AveragePool2D] applied to dy, or that is added to it. Panics with a
// [*ShapeError] if the shapes do not fit g.
func AveragePool2DPull[F Float](dx, dy *Tensor[F], g Pooling, add bool) {
	g.check("tensor.AveragePool2DPull", dy.Shape, dx.Shape)
	j := planes(dy.Data, dx.Data, g)
	j.add = add
	j.run((*averagePoolPull[F])(j))
}

type averagePoolPull[F Float] rowJob[F]

func (s *averagePoolPull[F]) Block(i int) {
	j := (*rowJob[F])(s)
	g := &j.pool
	outW := g.OutWidth()
	for lo, hi := j.span(i); lo < hi; lo++ {
		dy, dx := j.plane(lo)
		if !j.add {
			clear(dx)
		}
		for oy := range g.OutHeight() {
			top, bottom := covered(oy, g.KernelH, g.StrideH, g.PadH, g.Height)
			for ox, v := range dy[oy*outW : (oy+1)*outW] {
				left, right := covered(ox, g.KernelW, g.StrideW, g.PadW, g.Width)
				share := v / F(g.divisor((bottom-top)*(right-left)))
				for r := top; r < bottom; r++ {
					row := dx[r*g.Width+left : r*g.Width+right]
					for c := range row {
						row[c] += share
					}
				}
			}
		}
	}
}
