package tensor

import "github.com/gradus-ml/gradus/internal/simd"

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
		y, x := j.planes(lo, hi) // those that follow are done later: room to go too far
		var index []int32
		if j.index != nil {
			index = j.index[lo*j.area:][:len(y)]
		}
		maxPoolPlane(y, index, x, &j.pool)
	}
}

func maxPoolPlane[F Float](y []F, index []int32, x []F, g *Pooling) {
	if g.quarters() {
		simd.MaxOfFour(y, index, x, g.Width, g.Height/2, g.Width/2)
		return
	}
	for oy := range g.OutHeight() {
		top, bottom := covered(oy, g.KernelH, g.StrideH, g.PadH, g.Height)
		for ox := range g.OutWidth() {
			left, right := covered(ox, g.KernelW, g.StrideW, g.PadW, g.Width)
			at := top*g.Width + left
			for r := top; r < bottom; r++ {
				for c := r*g.Width + left; c < r*g.Width+right; c++ {
					if x[c] > x[at] || x[c] != x[c] {
						at = c
					}
				}
			}
			y[oy*g.OutWidth()+ox] = x[at]
			if index != nil {
				index[oy*g.OutWidth()+ox] = int32(at)
			}
		}
	}
}

// quarters says whether windows are 2×2, side by side.
func (g *Pooling) quarters() bool {
	return g.KernelH == 2 && g.KernelW == 2 && g.StrideH == 2 && g.StrideW == 2 && g.PadH == 0 && g.PadW == 0
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
		if g := &j.pool; !j.add && g.quarters() && g.Height%2 == 0 && g.Width%2 == 0 {
			dy, dx := j.planes(lo, hi) // as above
			simd.MaxOfFourPull(dx, dy, j.index[lo*j.area:][:len(dy)], g.Height/2, g.Width/2)
			continue
		}
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
