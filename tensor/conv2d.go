package tensor

// Conv2D computes the convolution (cross-correlation, as everywhere in the
// field) of x with w, plus bias, into y:
//
//	y[n,o,i,j] = bias[o] + Σ_{c,u,v} w[o,c,u,v] · x[n, q·C+c, i·StrideH−PadH+u·DilationH, j·StrideW−PadW+v·DilationW]
//
// where q is the group of o, C = InChannels/Groups, and x is 0 outside the
// image. bias is [OutChannels] or nil. y must not overlap the inputs. It panics
// with a [*ShapeError] if g is not valid or a shape does not fit it.
func Conv2D[F Float](y, x, w *Tensor[F], bias []F, g ConvGeometry) {
	g.check("tensor.Conv2D", y.Shape, x.Shape, w.Shape)
	if bias != nil && len(bias) != g.OutChannels {
		panic(Mismatch("tensor.Conv2D", "bias of one number for each channel of w", []int{len(bias)}, w.Shape))
	}
	clear(y.Data)
	g.taps(func(y0, x0, w0 int) { y.Data[y0] += w.Data[w0] * x.Data[x0] })
	if bias != nil {
		area := g.OutHeight() * g.OutWidth()
		for i := range y.Data {
			y.Data[i] += bias[i/area%g.OutChannels]
		}
	}
}

// Conv2DInputGradient computes the gradient dx of a loss in the input of
// [Conv2D] from its gradient dy in the result, or adds it to dx: the adjoint of
// x ↦ y. Panics as Conv2D does.
func Conv2DInputGradient[F Float](dx, dy, w *Tensor[F], g ConvGeometry, add bool) {
	g.check("tensor.Conv2DInputGradient", dy.Shape, dx.Shape, w.Shape)
	if !add {
		clear(dx.Data)
	}
	g.taps(func(y0, x0, w0 int) { dx.Data[x0] += w.Data[w0] * dy.Data[y0] })
}

// Conv2DWeightGradient computes the gradient dw of a loss in the weights of
// [Conv2D] from its gradient dy in the result, or adds it to dw: the adjoint of
// w ↦ y. Panics as Conv2D does.
func Conv2DWeightGradient[F Float](dw, dy, x *Tensor[F], g ConvGeometry, add bool) {
	g.check("tensor.Conv2DWeightGradient", dy.Shape, x.Shape, dw.Shape)
	if !add {
		clear(dw.Data)
	}
	g.taps(func(y0, x0, w0 int) { dw.Data[w0] += x.Data[x0] * dy.Data[y0] })
}

// taps calls f with the offsets of every product in a convolution.
func (g ConvGeometry) taps(f func(y, x, w int)) {
	outH, outW := g.OutHeight(), g.OutWidth()
	inC, outC := g.InChannels/g.Groups, g.OutChannels/g.Groups
	for n := range g.Batch {
		for o := range g.OutChannels {
			for c := range inC {
				plane := (n*g.InChannels + o/outC*inC + c) * g.Height
				for u := range g.KernelH {
					for v := range g.KernelW {
						for i := range outH {
							row := i*g.StrideH - g.PadH + u*g.DilationH
							if row < 0 || row >= g.Height {
								continue
							}
							for j := range outW {
								col := j*g.StrideW - g.PadW + v*g.DilationW
								if col < 0 || col >= g.Width {
									continue
								}
								f(((n*g.OutChannels+o)*outH+i)*outW+j, (plane+row)*g.Width+col, ((o*inC+c)*g.KernelH+u)*g.KernelW+v)
							}
						}
					}
				}
			}
		}
	}
}
