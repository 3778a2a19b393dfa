package kmeans

import (
	"context"
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Online is k-means on a stream, one example at a time: the nearest center wins
// the example and goes a part α of the way to it, y ← y + α(x − y), which is a
// step of stochastic gradient descent on min_k ‖x − y_k‖². It holds the centers
// and what Tail and Watch ask for, nothing of the examples.
//
// The fields are all of its state, plain values to save and restore. Not for
// several goroutines at once. Source: docs/kmeans.md.
type Online[F tensor.Float] struct {
	Centers *tensor.Tensor[F] // [K, n]
	Counts  []int             // [K], wins, and what the start was worth in wins
	Steps   int               // presentations so far

	Rate     Rate
	Tracking bool // the rate need not converge

	// Patience is after how many presentations without a win a center is put
	// onto the present example, with a count of one; 0 leaves it. A center that
	// never wins never moves.
	Patience int
	LastWin  []int // [K], the Steps at which each won last, or was put

	Tail  *Tail[F]  // averages the centers, if not nil
	Watch *Watch[F] // measures their variance, if not nil

	Cost Cost

	difference []F
	rough      []F
	ahead      *lookahead[F]
}

// NewOnline returns a learner that starts from a copy of centers [K, n], with
// counts of 0: the first example that a center wins replaces it where the rate
// is 1/n_k. A rate that does not satisfy [Rate.RobbinsMonro] is an error; set
// Tracking afterwards, or use [NewTracker], where that is wanted.
func NewOnline[F tensor.Float](centers *tensor.Tensor[F], rate Rate) (*Online[F], error) {
	return newOnline(centers, rate, false)
}

// NewTracker is [NewOnline] for any stable rate, to follow centers that move.
func NewTracker[F tensor.Float](centers *tensor.Tensor[F], rate Rate) (*Online[F], error) {
	return newOnline(centers, rate, true)
}

func newOnline[F tensor.Float](centers *tensor.Tensor[F], rate Rate, tracking bool) (*Online[F], error) {
	if len(centers.Shape) != 2 {
		return nil, domain.Errorf(domain.ShapeMismatch, "centers %v: want [K n]", centers.Shape)
	}
	k := centers.Shape[0]
	o := &Online[F]{Centers: centers.Clone(), Counts: make([]int, k), LastWin: make([]int, k), Rate: rate, Tracking: tracking}
	return o, o.Validate()
}

// Validate says what is wrong with the fields, if anything is: for state that
// was restored or changed.
func (o *Online[F]) Validate() error {
	if o.Centers == nil || len(o.Centers.Shape) != 2 || len(o.Centers.Data) != tensor.Size(o.Centers.Shape) {
		return domain.Errorf(domain.ShapeMismatch, "centers are not [K n]")
	}
	k, n := o.Centers.Shape[0], o.Centers.Shape[1]
	if err := checkCenters(o.Centers, n); err != nil {
		return err
	}
	return o.validRest(k, n)
}

// validRest is Validate without a look at every coordinate.
func (o *Online[F]) validRest(k, n int) error {
	if len(o.Counts) != k || len(o.LastWin) != k {
		return domain.Errorf(domain.ShapeMismatch, "%d counts and %d last wins for %d centers", len(o.Counts), len(o.LastWin), k)
	}
	for i, c := range o.Counts {
		if c < 0 || o.LastWin[i] < 0 || o.LastWin[i] > o.Steps {
			return domain.Errorf(domain.InvalidParameter, "center %d has count %d and won last at %d of %d presentations: want counts ≥ 0, and wins in the past", i, c, o.LastWin[i], o.Steps)
		}
	}
	if o.Patience != 0 && o.Patience < k {
		return domain.Errorf(domain.InvalidParameter, "patience %d for %d centers: want 0, or at least as many presentations", o.Patience, k)
	}
	if err := o.Rate.Validate(); err != nil {
		return err
	}
	if !o.Tracking {
		if err := o.Rate.RobbinsMonro(); err != nil {
			return err
		}
	}
	if o.Tail != nil && !o.Tail.fits(k, n) || o.Watch != nil && !o.Watch.fits(k, n) {
		return domain.Errorf(domain.ShapeMismatch, "tail or watch do not belong to centers %v", o.Centers.Shape)
	}
	return nil
}

// Learn presents the rows of points [m, n] one after the other and writes the
// winner of each to labels [m], unless that is nil. Examples are scored many at
// a time where that pays, against the centers as they stood, and settled one at
// a time against the centers as they are: the result has the same bits as m
// calls with one example each. It stops with an error at the first example that
// is not finite, or when the context ends, with what came before learnt.
func (o *Online[F]) Learn(ctx context.Context, points *tensor.Tensor[F], labels []int) error {
	m, err := o.accept(points, labels)
	if err != nil {
		return err
	}
	if k, n := o.Centers.Shape[0], o.Centers.Shape[1]; m >= aheadLeast && k >= screenCenters && n >= screenCoordinates {
		return o.learnAhead(ctx, points, labels)
	}
	for i := range m {
		if i%stretch == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		x := points.Row(i)
		label, squared, distances := o.rescue(x)
		if label < 0 {
			if len(o.rough) != len(o.Counts) {
				o.rough = make([]F, len(o.Counts))
			}
			label, squared, distances = among(x, o.Centers.Data, o.rough, false)
			distances = max(distances, len(o.Counts))
		}
		if label < 0 {
			return notFinite(i)
		}
		o.win(x, label, squared, distances)
		if labels != nil {
			labels[i] = label
		}
	}
	return nil
}

// accept checks the state and what is presented.
func (o *Online[F]) accept(points *tensor.Tensor[F], labels []int) (m int, err error) {
	m, n, err := checkPoints(points)
	switch {
	case err != nil:
		return 0, err
	case n != o.Centers.Shape[1]:
		return 0, domain.Errorf(domain.ShapeMismatch, "points %v for centers %v: want as many coordinates", points.Shape, o.Centers.Shape)
	case labels != nil && len(labels) != m:
		return 0, domain.Errorf(domain.ShapeMismatch, "%d labels for %d points", len(labels), m)
	}
	return m, o.validRest(o.Centers.Shape[0], n)
}

// win moves the center that has won x, and returns how far, at most.
func (o *Online[F]) win(x []F, k int, squared float64, distances int) (distance float64) {
	o.Counts[k]++
	rate := o.Rate.At(o.Counts[k], o.Steps)
	y := o.Centers.Row(k)
	if rate == 1 {
		copy(y, x)
	} else {
		if len(o.difference) != len(x) {
			o.difference = make([]F, len(x))
		}
		simd.Sub(o.difference, x, y)
		simd.AddScaled(y, o.difference, F(rate))
	}
	o.Cost.Distances += int64(distances)
	o.Cost.Plain += int64(len(o.Counts))
	o.Steps++
	o.LastWin[k] = o.Steps
	if o.Tail != nil {
		o.Tail.add(o.Steps, k, y)
	}
	if o.Watch != nil {
		o.Watch.add(o.Steps, k, x, y)
	}
	return rate * math.Sqrt(squared)
}

// rescue puts the center that has waited longest, if it is out of patience,
// onto x, and returns it with its squared distance and the distances taken; −1 if there is none. x then wins it with a count of 1.
func (o *Online[F]) rescue(x []F) (k int, squared float64, distances int) {
	if o.Patience == 0 {
		return -1, 0, 0
	}
	k = 0
	for i, last := range o.LastWin {
		if last < o.LastWin[k] {
			k = i
		}
	}
	if o.Steps-o.LastWin[k] < o.Patience || !finite(x) {
		return -1, 0, 0
	}
	copy(o.Centers.Row(k), x)
	o.Counts[k] = 0
	return k, 0, 0
}

func finite[F tensor.Float](x []F) bool {
	for _, v := range x {
		if v-v != 0 {
			return false
		}
	}
	return true
}
