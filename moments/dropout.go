package moments

// dropout keeps the mean and divides the second moment by 1 − p; masks of two
// examples have nothing in common. For inputs with a mean, as after ReLU, the
// variance grows by more than the factor 1/(1−p) that holds without one.
func dropout(rate float64, in Moments, mode Mode) (Moments, Pull, error) {
	if mode == Evaluating || rate == 0 {
		return in, func(g []float64) []float64 { return g }, nil
	}
	out := in.of(in.Shape, append([]Cell{}, in.Cells...))
	copy(out.shared, in.shared)
	for i := range out.Cells {
		c := &out.Cells[i]
		c.Variance = (c.Variance + rate*c.Mean*c.Mean) / (1 - rate)
	}
	out.plain()
	pull := func(g []float64) []float64 {
		dx := make([]float64, len(g))
		for i, v := range g {
			dx[i] = v / (1 - rate)
		}
		return dx
	}
	return out, pull, nil
}
