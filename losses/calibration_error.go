package losses

import "math"

// CalibrationError summarises the bins of a reliability diagram.
type CalibrationError struct {
	// Expected is Σ_b (n_b/n)·|frequency − mean forecast|: the usual ECE. It is
	// above 0 even for a calibrated model, by chance alone.
	Expected float64
	// Debiased is Expected less the excess that chance would add, if the gaps
	// seen were the true ones: for each bin E|gap + N(0, s²)| − |gap| with
	// s² = f(1−f)/n_b. It may be slightly below 0.
	Debiased float64
	// Squared is Σ_b (n_b/n)·(gap² − f(1−f)/(n_b−1)), an unbiased estimate of
	// the squared error between bin means; bins of one forecast are left out.
	Squared float64
	// Maximum is the largest |gap|.
	Maximum float64
}

// ErrorOf returns the calibration error over the bins. Sources: Guo et al.,
// ICML 2017; Kumar, Liang and Ma, NeurIPS 2019.
func ErrorOf(bins []Bin) CalibrationError {
	var e CalibrationError
	var n float64
	for _, b := range bins {
		n += float64(b.Count)
	}
	for _, b := range bins {
		if b.Count == 0 {
			continue
		}
		w := float64(b.Count) / n
		gap := math.Abs(b.Frequency - b.MeanForecast)
		variance := b.Frequency * (1 - b.Frequency)
		e.Expected += w * gap
		e.Debiased += w * (2*gap - foldedNormalMean(gap, math.Sqrt(variance/float64(b.Count))))
		e.Maximum = max(e.Maximum, gap)
		if b.Count > 1 {
			e.Squared += w * (gap*gap - variance/float64(b.Count-1))
		}
	}
	return e
}

// foldedNormalMean returns E|N(m, s²)|.
func foldedNormalMean(m, s float64) float64 {
	if s == 0 {
		return math.Abs(m)
	}
	z := m / s
	return s*math.Sqrt(2/math.Pi)*math.Exp(-z*z/2) + m*math.Erf(z/math.Sqrt2)
}
