package simd

// mixtureGroups adds groups of four rows and returns how many; the one after
// them has a density that Mixture.multiply must look at, or is not whole.
func mixtureGroups(m *Mixture, rows []float64, cols int) (done int) {
	groups := len(rows) / (4 * cols)
	if active == Portable || groups == 0 {
		return 0
	}
	var mask [4]int64
	for i := range cols % 4 {
		mask[i] = -1
	}
	return groups - mixtureAVX2(&m.sums[0], &m.weights[0], &rows[0], &mask, cols, groups, &m.product, leastDensity)
}
