package moments

// window slides a kernel over images, rows before columns.
type window struct {
	kernel, stride, padding, dilation [2]int
	in, out                           [2]int // sides of the images
}

// each calls f with every tap that is inside the image, and the place that it
// reads, for one output.
func (w window) each(output int, f func(tap, place int)) {
	row, column := output/w.out[1]*w.stride[0]-w.padding[0], output%w.out[1]*w.stride[1]-w.padding[1]
	for i := range w.kernel[0] {
		y := row + i*w.dilation[0]
		if y < 0 || y >= w.in[0] {
			continue
		}
		for j := range w.kernel[1] {
			if x := column + j*w.dilation[1]; x >= 0 && x < w.in[1] {
				f(i*w.kernel[1]+j, y*w.in[1]+x)
			}
		}
	}
}
