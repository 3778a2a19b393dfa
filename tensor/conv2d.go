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
	t := takeConv[F](g)
	t.forward(y.Data, x.Data, w.Data, bias)
	t.release()
}

// Conv2DInputGradient computes the gradient dx of a loss in the input of
// [Conv2D] from its gradient dy in the result, or adds it to dx: the adjoint of
// x ↦ y. Panics as Conv2D does.
func Conv2DInputGradient[F Float](dx, dy, w *Tensor[F], g ConvGeometry, add bool) {
	g.check("tensor.Conv2DInputGradient", dy.Shape, dx.Shape, w.Shape)
	t := takeConv[F](g)
	if g.StrideH == 1 && g.StrideW == 1 {
		t.inputGradient(dx.Data, dy.Data, w.Data, add)
	} else {
		t.scatter(dx.Data, dy.Data, w.Data, add)
	}
	t.release()
}

// Conv2DWeightGradient computes the gradient dw of a loss in the weights of
// [Conv2D] from its gradient dy in the result, or adds it to dw: the adjoint of
// w ↦ y. Panics as Conv2D does.
func Conv2DWeightGradient[F Float](dw, dy, x *Tensor[F], g ConvGeometry, add bool) {
	g.check("tensor.Conv2DWeightGradient", dy.Shape, x.Shape, dw.Shape)
	t := takeConv[F](g)
	t.weightGradient(dw.Data, dy.Data, x.Data, add)
	t.release()
}
