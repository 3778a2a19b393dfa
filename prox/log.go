package prox

import "math"

// Log is ρ = Lambda·log(1 + r/Scale), Lambda ≥ 0, Scale > 0: not convex, so
// that it shrinks long vectors less than short ones. Its proximal map jumps
// unless step·Lambda ≤ Scale². Source: Candès, Wakin and Boyd 2008;
// docs/norm-prox.md.
type Log struct{ Lambda, Scale float64 }

// Validate refuses parameters outside their domain.
func (p Log) Validate() error {
	if err := positive("Log.Scale", p.Scale); err != nil {
		return err
	}
	return nonNegative("Log.Lambda", p.Lambda)
}

// At is Lambda·log(1 + r/Scale).
func (p Log) At(r float64) float64 { return p.Lambda * math.Log1p(r/p.Scale) }

// Length is argmin over l ≥ 0 of Lambda·log(1 + l/Scale) + (l−a)²/(2·step): the
// larger root of (l−a)·(l+Scale) + step·Lambda = 0, or 0, by value.
func (p Log) Length(a, step float64) float64 {
	k, s := step*p.Lambda, p.Scale
	sum, twice := a+s, 2*math.Sqrt(k)
	if sum < twice {
		return 0
	}
	root := math.Sqrt(sum-twice) * math.Sqrt(sum+twice) // of (a+s)² − 4k, without its square
	l := (a-s)/2 + root/2
	if a < s { // the same without cancellation
		l = 2 * (a - k/s) / (1 - a/s + root/s)
	}
	if l <= 0 || !p.Convex(step) && !betterThanZero(l, p.At(l), a, step) {
		return 0
	}
	return l
}

// Convex reports step·Lambda ≤ Scale².
func (p Log) Convex(step float64) bool { return p.Lambda == 0 || step*p.Lambda <= p.Scale*p.Scale }

// Slope is Lambda/(Scale + r).
func (p Log) Slope(r float64) float64 { return p.Lambda / (p.Scale + r) }

// Curvature is −Lambda/(Scale + r)².
func (p Log) Curvature(r float64) float64 { return -p.Lambda / (p.Scale + r) / (p.Scale + r) }
