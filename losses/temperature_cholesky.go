package losses

import "math"

// cholesky overwrites the lower half of the symmetric matrix a [n, n] by its
// factor, and reports whether a is positive definite.
func cholesky(a []float64, n int) bool {
	for i := range n {
		pivot := a[i*n+i]
		for j := range i + 1 {
			s := a[i*n+j]
			for k := range j {
				s -= a[i*n+k] * a[j*n+k]
			}
			if j < i {
				a[i*n+j] = s / a[j*n+j]
				continue
			}
			if !(s > 1e-14*pivot) {
				return false
			}
			a[i*n+i] = math.Sqrt(s)
		}
	}
	return true
}

// solveCholesky returns a⁻¹b for the factor of a.
func solveCholesky(a, b []float64) []float64 {
	n := len(b)
	x := make([]float64, n)
	for i := range n {
		x[i] = b[i]
		for k := range i {
			x[i] -= a[i*n+k] * x[k]
		}
		x[i] /= a[i*n+i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			x[i] -= a[k*n+i] * x[k]
		}
		x[i] /= a[i*n+i]
	}
	return x
}
