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
	for oy := range g.OutHeight() {
		row := y[oy*outW : (oy+1)*outW]
		var places []int32
		if index != nil {
			places = index[oy*outW : (oy+1)*outW]
		}
		top, bottom := covered(oy, g.KernelH, g.StrideH, g.PadH, g.Height)
		if g.KernelW == 2 && g.StrideW == 2 && g.PadW == 0 && bottom-top == 2 {
			maxOfPairs(row, places, x, top*g.Width, g.Width)
			continue
		}
		for ox := range row {
			left, right := covered(ox, g.KernelW, g.StrideW, g.PadW, g.Width)
			at := top*g.Width + left
			for r := top; r < bottom; r++ {
				for c := r*g.Width + left; c < r*g.Width+right; c++ {
					at = larger(x, at, c)
				}
			}
			row[ox] = x[at]
			if places != nil {
				places[ox] = int32(at)
			}
		}
	}
}

// larger returns where x is larger, a where they are equal; NaN wins. It has no
// branch, since which is larger cannot be predicted.
func larger[F Float](x []F, a, b int) int {
	above, nan := 0, 0
	if x[b] > x[a] {
		above = 1
	}
	if x[b] != x[b] {
		nan = 1
	}
	return a + (b-a)*(above|nan)
}

// maxOfPairs is the row of windows of 2×2 that start at x[at], two apart.
func maxOfPairs[F Float](row []F, places []int32, x []F, at, width int) {
	for i := range row {
		upper, lower := larger(x, at, at+1), larger(x, at+width, at+width+1)
		upper = larger(x, upper, lower)
		row[i] = x[upper]
		if places != nil {
			places[i] = int32(upper)
		}
		at += 2
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
