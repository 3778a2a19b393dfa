package simd

import "math"

//go:generate go -C gen run ./mixture

// A Mixture adds up what an iteration for the weights of a mixture needs of its
// rows x, the densities of the components at one point each: with d = Σ w_k x_k,
//
//	Σ x_k/d for each component, and Σ log d.
//
// d is added up in four lanes, lane 0 and 1, then 2 and 3, then both; four rows
// share a place in the sums. No d may be far above 1, or their product
// overflows. The zero value is of no use: see [NewMixture].
type Mixture struct {
	weights, sums []float64 // of a multiple of four components
	product       [4]float64
	exponent      int // the densities are product·2^exponent
}

// leastDensity is where products are brought back to 1.
const leastDensity = 1e-150

// NewMixture returns sums of no rows, for so many components.
func NewMixture(components int) *Mixture {
	padded := roundUp(components, 4)
	return &Mixture{weights: make([]float64, padded), sums: make([]float64, padded)}
}

// Reset starts anew with weights.
func (m *Mixture) Reset(weights []float64) {
	copy(m.weights, weights)
	clear(m.sums)
	m.product, m.exponent = [4]float64{1, 1, 1, 1}, 0
}

// Add adds whole rows of cols components each. It runs on the caller.
func (m *Mixture) Add(rows []float64, cols int) {
	for len(rows) > 0 {
		done := mixtureGroups(m, rows, cols)
		rows = rows[done*4*cols:]
		group := min(len(rows), 4*cols)
		m.group(rows[:group], cols)
		rows = rows[group:]
	}
}

// group adds up to four rows, whatever their densities.
func (m *Mixture) group(rows []float64, cols int) {
	var share [4]float64
	for i := range len(rows) / cols {
		var dot [4]float64
		for k, v := range rows[i*cols : (i+1)*cols] {
			dot[k%4] = math.FMA(v, m.weights[k], dot[k%4])
		}
		density := (dot[0] + dot[1]) + (dot[2] + dot[3])
		m.multiply(i, density)
		share[i] = 1 / density
	}
	for k := range cols {
		sum := 0.0
		for i, at := 0, k; at < len(rows); i, at = i+1, at+cols {
			sum = math.FMA(rows[at], share[i], sum)
		}
		m.sums[k] += sum
	}
}

// multiply multiplies a product by a density. A sum of logarithms is that of a
// product, and no digit less: one logarithm for some hundred rows.
func (m *Mixture) multiply(lane int, density float64) {
	if p := m.product[lane] * density; density >= leastDensity && p >= leastDensity {
		m.product[lane] = p
		return
	}
	product, e := math.Frexp(m.product[lane])
	density, d := math.Frexp(density)
	m.product[lane] = product * density
	m.exponent += e + d
}

// Sums returns Σ x_k/d for each component. They are m's own.
func (m *Mixture) Sums() []float64 { return m.sums }

// LogDensity returns Σ log d, −Inf where a d is 0.
func (m *Mixture) LogDensity() float64 {
	sum := float64(m.exponent) * math.Ln2
	for _, p := range m.product {
		sum += math.Log(p)
	}
	return sum
}
