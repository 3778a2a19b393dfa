package warp

// Sample returns the picture src [height, width] at the point (u, v) by
// bilinear interpolation. Outside of the pixels it is 0.
func Sample(src []float32, height, width int, u, v float32) float32 {
	if !(u > -1 && v > -1 && u < float32(width) && v < float32(height)) {
		return 0
	}
	x, y := int(u+1)-1, int(v+1)-1 // floor, for points above −1
	fx, fy := u-float32(x), v-float32(y)
	at := func(x, y int) float32 {
		if x < 0 || y < 0 || x >= width || y >= height {
			return 0
		}
		return src[y*width+x]
	}
	top := at(x, y) + fx*(at(x+1, y)-at(x, y))
	bottom := at(x, y+1) + fx*(at(x+1, y+1)-at(x, y+1))
	return top + fy*(bottom-top)
}
