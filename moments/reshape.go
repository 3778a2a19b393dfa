package moments

import "github.com/gradus-ml/gradus/tensor"

// reshape gives each place of the new shape the mean of the cells of the
// elements there: the same cells where no two old places fall on a new one, as
// in Flatten.
func reshape(in Moments, shape ...int) (Moments, Pull, error) {
	size := tensor.Size(in.Shape)
	if len(shape) == 0 || size != tensor.Size(shape) {
		return Moments{}, nil, mismatch("input of shape %v: want as many elements as %v has", in.Shape, shape)
	}
	shape = append([]int{}, shape...)
	if len(in.Cells) == 1 {
		in.Shape = shape
		return in, func(g []float64) []float64 { return []float64{average(g)} }, nil
	}
	before, after := places(in.Shape), places(shape)
	out := in.of(shape, make([]Cell, after))
	groups := make([][]int, after)
	for i := range size {
		if p := i % before; len(groups[i%after]) == 0 || groups[i%after][0] != p {
			groups[i%after] = append(groups[i%after], p)
		}
	}
	exact := true
	for i, group := range groups {
		part := Moments{Shape: shape}
		for _, p := range group {
			part.Cells = append(part.Cells, in.Cells[p])
			for r := range in.shared {
				out.shared[r][i].same += in.shared[r][p].same / float64(len(group))
				out.shared[r][i].cross += in.shared[r][p].cross / float64(len(group))
			}
		}
		exact = exact && len(group) == 1
		out.Cells[i] = part.Pooled()
	}
	if exact {
		out.function, out.chosen = in.function, in.chosen
	} else {
		out.plain()
	}
	pull := func(g []float64) []float64 {
		dx := make([]float64, before)
		for i := range size {
			dx[i%before] += at(g, i%after) * float64(before) / float64(size)
		}
		return dx
	}
	return out, pull, nil
}
