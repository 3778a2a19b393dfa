package tensor

// MaxPool2D computes the maximum of each window: y [batch, channels, outHeight,
// outWidth] from x [batch, channels, height, width]. index[i], of as many
// elements as y, is where in its plane of x element i of y was found: the first
// of equals; NaN wins. Padding never wins. index may be nil. Panics with a
// [*ShapeError] if the shapes do not fit g.
func MaxPool2D[F Float](y *Tensor[F], index []int32, x *Tensor[F], g Pooling) {
	g.check("tensor.MaxPool2D", y.Shape, x.Shape)
	if index != nil && len(index) != len(y.Data) {
		panic(Mismatch("tensor.MaxPool2D", "an index for each output", []int{len(index)}, y.Shape))
	}
	j := planes(y.Data, x.Data, g)
	j.index = index
	j.run((*maxPool[F])(j))
}

type maxPool[F Float] rowJob[F]

func (s *maxPool[F]) Block(i int) {
	j := (*rowJob[F])(s)
	for lo, hi := j.span(i); lo < hi; lo++ {
		y, x := j.plane(lo)
		var index []int32
		if j.index != nil {
			index = j.index[lo*len(y) : (lo+1)*len(y)]
		}
		maxPoolPlane(y, index, x, &j.pool)
	}
}

func maxPoolPlane[F Float](y []F, index []int32, x []F, g *Pooling) {
	outW := g.OutWidth()
	for i := range y {
		top, bottom := covered(i/outW, g.KernelH, g.StrideH, g.PadH, g.Height)
		left, right := covered(i%outW, g.KernelW, g.StrideW, g.PadW, g.Width)
		at := top*g.Width + left
		best := x[at]
		for r := top; r < bottom; r++ {
			for c, v := range x[r*g.Width+left : r*g.Width+right] {
				if v > best || v != v {
					best, at = v, r*g.Width+left+c
				}
			}
		}
		y[i] = best
		if index != nil {
			index[i] = int32(at)
		}
	}
}

// MaxPool2DPull sends dy back to where the maxima were found:
// dx[index[i]] += dy[i], plane by plane, dx cleared first unless add. Panics
// with a [*ShapeError] if the shapes do not fit g.
func MaxPool2DPull[F Float](dx, dy *Tensor[F], index []int32, g Pooling, add bool) {
	g.check("tensor.MaxPool2DPull", dy.Shape, dx.Shape)
	if len(index) != len(dy.Data) {
		panic(Mismatch("tensor.MaxPool2DPull", "an index for each output", []int{len(index)}, dy.Shape))
	}
	j := planes(dy.Data, dx.Data, g)
	j.index, j.add = index, add
	j.run((*maxPoolPull[F])(j))
}

type maxPoolPull[F Float] rowJob[F]

func (s *maxPoolPull[F]) Block(i int) {
	j := (*rowJob[F])(s)
	for lo, hi := j.span(i); lo < hi; lo++ {
		dy, dx := j.plane(lo)
		if !j.add {
			clear(dx)
		}
		index := j.index[lo*len(dy) : (lo+1)*len(dy)]
		for i, v := range dy {
			dx[index[i]] += v
		}
	}
}
