package losses

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/internal/domain"
)

// Score is a proper score of one forecast: less is better, and its
// expectation is least at the true probability.
type Score func(p float64, event bool) float64

// Brier is the score (p − y)².
func Brier(p float64, event bool) float64 {
	if event {
		return (1 - p) * (1 - p)
	}
	return p * p
}

// Log is the score −log P(what happened), in nats.
func Log(p float64, event bool) float64 {
	if event {
		return -math.Log(p)
	}
	return -math.Log1p(-min(p, 1))
}

// Decomposition parts a mean score: Mean = Miscalibration − Discrimination +
// Uncertainty. Each part is ≥ 0. Miscalibration is what isotonic recalibration
// would save, Uncertainty the score of always forecasting the base rate,
// Discrimination what recalibrated forecasts gain on that.
type Decomposition struct{ Mean, Miscalibration, Discrimination, Uncertainty float64 }

// Decompose parts the mean score of f by isotonic regression, without bins.
// Source: Dimitriadis, Gneiting and Jordan, PNAS 2021 (CORP).
func (f Forecasts) Decompose(score Score) (Decomposition, error) {
	s, err := f.sorted()
	if err != nil {
		return Decomposition{}, err
	}
	return s.decompose(score, nil), nil
}

// DecomposeClasses returns the sum over classes of the decompositions of "the
// label is this class". With [Brier] its Mean is the multiclass Brier score,
// the mean of Σ_k (p_k − [y = k])².
func DecomposeClasses(score Score, p Probs, labels []int) (Decomposition, error) {
	var sum Decomposition
	for k := range p.Classes {
		f, err := OneClass(p, labels, k)
		if err != nil {
			return Decomposition{}, err
		}
		d, err := f.Decompose(score)
		if err != nil {
			return Decomposition{}, err
		}
		sum.Mean += d.Mean
		sum.Miscalibration += d.Miscalibration
		sum.Discrimination += d.Discrimination
		sum.Uncertainty += d.Uncertainty
	}
	return sum, nil
}

func (f Forecasts) sorted() (sorted, error) {
	if err := f.check(); err != nil {
		return sorted{}, err
	}
	y := make([]float64, len(f.Events))
	for i, e := range f.Events {
		if e {
			y[i] = 1
		}
	}
	return sortPoints(f.P, y), nil
}

func (s sorted) decompose(score Score, weights []float64) Decomposition {
	var n, hits, mean float64
	for i, p := range s.x {
		if w := weightAt(weights, i); w > 0 {
			n += w
			hits += w * s.y[i]
			mean += w * score(p, s.y[i] == 1)
		}
	}
	blocks := s.pool(weights)
	var calibrated float64
	for b, p := range blocks.Value {
		calibrated += blocks.Weight[b] * entropyOf(score, p)
	}
	d := Decomposition{Mean: mean / n, Uncertainty: entropyOf(score, hits/n)}
	d.Miscalibration = d.Mean - calibrated/n
	d.Discrimination = d.Uncertainty - calibrated/n
	return d
}

// entropyOf returns the expected score of the forecast p where p is true.
func entropyOf(score Score, p float64) float64 {
	p = min(max(p, 0), 1) // rounding in a pooled mean
	var e float64
	if p > 0 {
		e += p * score(p, true)
	}
	if p < 1 {
		e += (1 - p) * score(p, false)
	}
	return e
}

// DecompositionIntervals are intervals for the parts of a decomposition.
type DecompositionIntervals struct{ Mean, Miscalibration, Discrimination, Uncertainty Interval }

// Bootstrap returns percentile intervals of the decomposition over resamples
// of the pairs. Isotonic regression fits some noise, so the parts lean upward,
// and Miscalibration excludes 0 even for calibrated forecasts: to judge
// whether a model is calibrated use [Forecasts.CalibrationTest]. It stops when
// ctx is done.
func (f Forecasts) Bootstrap(ctx context.Context, score Score, resamples int, confidence float64, rng *rand.Rand) (*DecompositionIntervals, error) {
	s, err := f.sorted()
	if err != nil {
		return nil, err
	}
	if resamples < 2 || !(confidence > 0 && confidence < 1) {
		return nil, domain.Errorf(domain.InvalidParameter, "%d resamples at confidence %v: want at least 2, and a confidence in (0, 1)", resamples, confidence)
	}
	var parts [4][]float64
	weights := make([]float64, len(s.x))
	for range resamples {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		clear(weights)
		for range weights {
			weights[rng.IntN(len(weights))]++
		}
		d := s.decompose(score, weights)
		for j, v := range []float64{d.Mean, d.Miscalibration, d.Discrimination, d.Uncertainty} {
			parts[j] = append(parts[j], v)
		}
	}
	i := [4]Interval{}
	for j := range parts {
		slices.Sort(parts[j])
		i[j] = Interval{Quantile(parts[j], (1-confidence)/2), Quantile(parts[j], (1+confidence)/2)}
	}
	return &DecompositionIntervals{i[0], i[1], i[2], i[3]}, nil
}

// Quantile returns the q-quantile, q in [0, 1], of a sorted sample of at least
// one number: below it a further draw lies with probability q, as far as the
// sample reaches, and so intervals of few resamples are not too short. It is
// linear between the points (Hyndman and Fan 1996, type 6).
func Quantile(sortedSample []float64, q float64) float64 {
	at := min(max(q*float64(len(sortedSample)+1)-1, 0), float64(len(sortedSample)-1))
	lo := int(math.Floor(at))
	hi := min(lo+1, len(sortedSample)-1)
	if t := at - float64(lo); t > 0 && sortedSample[lo] < sortedSample[hi] { // two infinities have no difference
		return sortedSample[lo] + t*(sortedSample[hi]-sortedSample[lo])
	}
	return sortedSample[lo]
}

// CalibrationTest returns the p-value of the hypothesis that the forecasts are
// calibrated: the share of draws of events, each with the probability that was
// forecast, whose Miscalibration is at least the one seen. The null
// distribution is simulated, hence right in small samples; the draw seen
// counts as one. When ctx is done it stops and returns its error.
func (f Forecasts) CalibrationTest(ctx context.Context, score Score, draws int, rng *rand.Rand) (float64, error) {
	s, err := f.sorted()
	if err != nil {
		return 0, err
	}
	if draws < 1 {
		return 0, domain.Errorf(domain.InvalidParameter, "%d draws: want at least 1", draws)
	}
	seen := s.decompose(score, nil).Miscalibration
	drawn := sorted{x: s.x, y: make([]float64, len(s.y))}
	atLeast := 1
	for range draws {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		for i, p := range s.x {
			drawn.y[i] = 0
			if rng.Float64() < p {
				drawn.y[i] = 1
			}
		}
		if drawn.decompose(score, nil).Miscalibration >= seen {
			atLeast++
		}
	}
	return float64(atLeast) / float64(draws+1), nil
}
