package losses

import (
	"math"
	"slices"
	"sort"

	"github.com/gradus-ml/gradus/internal/domain"
)

// Forecasts are probabilities of events, and whether these came true.
type Forecasts struct {
	P      []float64 // in [0, 1]
	Events []bool    // one for each
}

// TopLabel returns the forecasts "the largest class is right": its
// probability, ties going to the lowest class, and whether it is the label.
func TopLabel(p Probs, labels []int) (Forecasts, error) {
	if err := checkAnswers(p, labels); err != nil {
		return Forecasts{}, err
	}
	f := Forecasts{make([]float64, len(labels)), make([]bool, len(labels))}
	for i, k := range p.Argmax() {
		f.P[i], f.Events[i] = p.Row(i)[k], k == labels[i]
	}
	return f, nil
}

// OneClass returns the forecasts "the label is class".
func OneClass(p Probs, labels []int, class int) (Forecasts, error) {
	if err := checkAnswers(p, labels); err != nil {
		return Forecasts{}, err
	}
	if class < 0 || class >= p.Classes {
		return Forecasts{}, domain.Errorf(domain.InvalidParameter, "class %d: want it in [0, %d)", class, p.Classes)
	}
	f := Forecasts{make([]float64, len(labels)), make([]bool, len(labels))}
	for i, y := range labels {
		f.P[i], f.Events[i] = p.Row(i)[class], y == class
	}
	return f, nil
}

func checkAnswers(p Probs, labels []int) error {
	if err := p.Check(); err != nil {
		return err
	}
	return checkLabels(labels, p.Rows(), p.Classes)
}

func (f Forecasts) check() error {
	if len(f.P) != len(f.Events) || len(f.P) == 0 {
		return domain.Errorf(domain.ShapeMismatch, "%d forecasts for %d events: want one for each, and at least one", len(f.P), len(f.Events))
	}
	for i, p := range f.P {
		if !(p >= 0 && p <= 1+Tolerance) {
			return domain.Errorf(domain.InvalidDistribution, "forecast %d is %v: want it in [0, 1]", i, p)
		}
	}
	return nil
}

// Bin is one bin of a reliability diagram: the forecasts in (Low, High], the
// first also at Low.
type Bin struct {
	Low, High    float64
	Count        int
	MeanForecast float64
	Frequency    float64  // of events; NaN in an empty bin, as MeanForecast is
	Interval     Interval // of Wilson, 95 %, for Frequency
}

// EqualWidth returns the edges 0, 1/n, …, 1 of n bins, and none if n < 1.
func EqualWidth(n int) []float64 {
	if n < 1 {
		return nil
	}
	edges := make([]float64, n+1)
	for i := range edges {
		edges[i] = float64(i) / float64(n)
	}
	return edges
}

// EqualMass returns the edges of at most n bins that hold about as many of the
// forecasts each, and none if n < 1. Equal forecasts are never parted, so there
// may be fewer.
func (f Forecasts) EqualMass(n int) []float64 {
	if n < 1 || len(f.P) == 0 {
		return nil
	}
	p := slices.Sorted(slices.Values(f.P))
	edges := []float64{0}
	for i := 1; i < n; i++ {
		if at := i*len(p)/n - 1; at >= 0 && p[at] > edges[len(edges)-1] && p[at] < p[len(p)-1] {
			edges = append(edges, p[at])
		}
	}
	return append(edges, 1)
}

// Reliability returns the bins of a reliability diagram over increasing edges
// from 0 to 1. A forecast that equals an edge belongs to the bin that ends
// there, by comparison with that very number and not with a rounded product.
func (f Forecasts) Reliability(edges []float64) ([]Bin, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	if len(edges) < 2 || edges[0] != 0 || edges[len(edges)-1] != 1 || !slices.IsSorted(edges) {
		return nil, domain.Errorf(domain.InvalidParameter, "edges %v: want them increasing from 0 to 1", edges)
	}
	bins := make([]Bin, len(edges)-1)
	hits := make([]float64, len(bins))
	for i, p := range f.P {
		b := min(sort.SearchFloat64s(edges[1:], p), len(bins)-1)
		bins[b].Count++
		bins[b].MeanForecast += p
		if f.Events[i] {
			hits[b]++
		}
	}
	for b := range bins {
		n := float64(bins[b].Count)
		bins[b].Low, bins[b].High = edges[b], edges[b+1]
		bins[b].MeanForecast /= n
		bins[b].Frequency = hits[b] / n
		bins[b].Interval = Wilson(int(hits[b]), bins[b].Count, 0.95)
	}
	return bins, nil
}

// Wilson returns Wilson's interval for the probability of an event that came
// true hits times of n; [0, 1] when n is 0. Source: Wilson, JASA 1927.
func Wilson(hits, n int, confidence float64) Interval {
	if n == 0 {
		return Interval{0, 1}
	}
	z := normalQuantile(confidence)
	nf, p := float64(n), float64(hits)/float64(n)
	mid := (p + z*z/(2*nf)) / (1 + z*z/nf)
	half := z / (1 + z*z/nf) * math.Sqrt(p*(1-p)/nf+z*z/(4*nf*nf))
	return Interval{max(0, mid-half), min(1, mid+half)}
}
