package moments

import "math"

// LinearMomentsIID returns the mean and variance of y = Σ wᵢxᵢ + b over n terms,
// for independent weights, inputs and bias with the given means and variances:
//
//	E y = n·m_w·m_x + m_b
//	V y = n·(v_w·v_x + m_w²·v_x + m_x²·v_w) + v_b
//
// exact for every n ≥ 0. Numbers that are not finite, negative variances and
// n < 0 are errors. Source: docs/node-statistics.md.
func LinearMomentsIID(n int, meanW, varW, meanX, varX, meanB, varB float64) (mean, variance float64, err error) {
	if n < 0 {
		return 0, 0, invalid("n is %d: want at least 0", n)
	}
	if err := checkFinite(number{"mean_w", meanW}, number{"mean_x", meanX}, number{"mean_b", meanB}); err != nil {
		return 0, 0, err
	}
	if err := checkVariances(number{"var_w", varW}, number{"var_x", varX}, number{"var_b", varB}); err != nil {
		return 0, 0, err
	}
	if n == 0 {
		return meanB, varB, nil // though the products overflow
	}
	terms := float64(n)
	return terms*meanW*meanX + meanB, terms*(varW*varX+meanW*(meanW*varX)+meanX*(meanX*varW)) + varB, nil
}

// LinearMoments returns the mean and variance of y = Σ wᵢxᵢ + b for weights and
// inputs with means [n] and covariances [n, n], w, x and b independent of each
// other:
//
//	E y = m_w·m_x + m_b
//	V y = tr(C_w C_x) + m_wᵀ C_x m_w + m_xᵀ C_w m_x + v_b
//
// Covariances must be symmetric, to 1e-9 of their largest element, with
// diagonals of at least 0; whether they are positive definite is not checked.
// Source: docs/node-statistics.md.
func LinearMoments(meanW []float64, covW [][]float64, meanX []float64, covX [][]float64, meanB, varB float64) (mean, variance float64, err error) {
	n := len(meanW)
	if len(meanX) != n {
		return 0, 0, mismatch("mean_w has %d elements, mean_x %d: want as many", n, len(meanX))
	}
	if err := checkCovariance("cov_w", covW, n); err != nil {
		return 0, 0, err
	}
	if err := checkCovariance("cov_x", covX, n); err != nil {
		return 0, 0, err
	}
	if err := checkFinite(number{"mean_b", meanB}); err != nil {
		return 0, 0, err
	}
	if err := checkVariances(number{"var_b", varB}); err != nil {
		return 0, 0, err
	}
	mean, variance = meanB, varB
	for i, w := range meanW {
		if err := checkFinite(number{"mean_w", w}, number{"mean_x", meanX[i]}); err != nil {
			return 0, 0, err
		}
		mean += w * meanX[i]
		for j := range n {
			variance += covW[i][j]*covX[j][i] + w*covX[i][j]*meanW[j] + meanX[i]*covW[i][j]*meanX[j]
		}
	}
	return mean, variance, nil
}

func checkCovariance(name string, c [][]float64, n int) error {
	if len(c) != n {
		return mismatch("%s has %d rows: want %d", name, len(c), n)
	}
	largest := 0.0
	for i, row := range c {
		if len(row) != n {
			return mismatch("row %d of %s has %d elements: want %d", i, name, len(row), n)
		}
		for _, v := range row {
			if err := checkFinite(number{name, v}); err != nil {
				return err
			}
			largest = max(largest, math.Abs(v))
		}
	}
	for i, row := range c {
		if row[i] < 0 {
			return invalid("%s[%d][%d] is %v: want a variance of at least 0", name, i, i, row[i])
		}
		for j := range i {
			if math.Abs(row[j]-c[j][i]) > 1e-9*largest {
				return invalid("%s is not symmetric: [%d][%d] is %v, [%d][%d] is %v", name, i, j, row[j], j, i, c[j][i])
			}
		}
	}
	return nil
}

// LinearKurtosisIID returns the kurtosis E y⁴/(E y²)² of y = Σ wᵢxᵢ over n ≥ 1
// independent terms of zero mean, whose weights and inputs have the given ones:
// 3 + (k_w·k_x − 3)/n. A kurtosis below 1, which none has, is an error.
// Source: docs/node-statistics.md.
func LinearKurtosisIID(n int, kurtosisW, kurtosisX float64) (float64, error) {
	if n < 1 {
		return 0, invalid("n is %d: want at least 1", n)
	}
	for _, k := range []number{{"kurt_w", kurtosisW}, {"kurt_x", kurtosisX}} {
		if !(k.value >= 1) || math.IsInf(k.value, 1) {
			return 0, invalid("%s is %v: want a finite number of at least 1", k.name, k.value)
		}
	}
	return 3 + (kurtosisW*kurtosisX-3)/float64(n), nil
}

// EmpiricalLinear returns the mean [m] and covariance [m, m] over data X [N, n]
// of y = W·x + b for fixed weights W [m, n] and biases [m], with the divisor N:
// E y = W·E x + b and Cov y = W·Cov x·Wᵀ. Source: docs/node-statistics.md.
func EmpiricalLinear(weight [][]float64, bias []float64, x [][]float64) (mean []float64, covariance [][]float64, err error) {
	if len(bias) != len(weight) {
		return nil, nil, mismatch("W has %d rows, b %d elements: want as many", len(weight), len(bias))
	}
	if len(x) == 0 {
		return nil, nil, mismatch("X has no rows: want at least one")
	}
	n := len(x[0])
	for _, m := range []struct {
		name string
		rows [][]float64
	}{{"W", weight}, {"X", x}} {
		for i, row := range m.rows {
			if len(row) != n {
				return nil, nil, mismatch("row %d of %s has %d elements: want %d", i, m.name, len(row), n)
			}
			for _, v := range row {
				if err := checkFinite(number{m.name, v}); err != nil {
					return nil, nil, err
				}
			}
		}
	}
	centre := make([]float64, n)
	for _, row := range x {
		for j, v := range row {
			centre[j] += v / float64(len(x))
		}
	}
	mean = make([]float64, len(weight))
	covariance = make([][]float64, len(weight))
	for i, w := range weight {
		if err := checkFinite(number{"b", bias[i]}); err != nil {
			return nil, nil, err
		}
		mean[i] = bias[i]
		for j, v := range w {
			mean[i] += v * centre[j]
		}
		covariance[i] = make([]float64, len(weight))
	}
	y := make([]float64, len(weight)) // minus its mean
	for _, row := range x {
		for i, w := range weight {
			y[i] = 0
			for j, v := range w {
				y[i] += v * (row[j] - centre[j])
			}
		}
		for i := range y {
			for j := range y {
				covariance[i][j] += y[i] * y[j] / float64(len(x))
			}
		}
	}
	return mean, covariance, nil
}
