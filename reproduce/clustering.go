package reproduce

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/kmeans"
	"github.com/gradus-ml/gradus/tensor"
)

// clustering holds one pass of online k-means against Lloyd's iteration.
func clustering() Experiment {
	return Experiment{
		Name:  "clustering",
		Title: "Online k-means against Lloyd",
		About: "The 60,000 training images, K = 10 from nine starts and K = 50 from three, by greedy k-means++. From each, Lloyd's iteration until the labels repeat, and one pass of online k-means, one image at a time; the minimum that a pass is near is what Lloyd's iteration finds from its end. Inertia is a point's, with pixels from 0 to 1; rates are those of the winning centre. `bench/peers/cluster.py` runs scikit-learn from the same starts.",
		Run: func(ctx context.Context, lab *Lab) ([]Figure, error) {
			source, err := lab.Train()
			if err != nil {
				return nil, err
			}
			points, err := rows(ctx, source)
			if err != nil {
				return nil, err
			}
			var figures []Figure
			for _, c := range []struct{ k, starts int }{{10, 9}, {50, 3}} {
				trials, err := clusterTrials(ctx, lab, points, c.k, c.starts)
				if err != nil {
					return nil, err
				}
				figures = append(figures, trials.figures()...)
			}
			return figures, nil
		},
	}
}

// clusterTrial is what came of one start.
type clusterTrial struct {
	lloyd, online, constant float64 // inertia a point
	minimum                 float64 // that Lloyd's iteration finds from where the pass ended
	predicted               float64 // of the constant rate, from Lloyd's inertia
	lloydTime, onlineTime   time.Duration
	lloydWork, onlineWork   kmeans.Cost
}

type clusterTrialList struct {
	k      int
	trials []clusterTrial
}

// constantRate is the rate that never settles.
const constantRate = 0.5

func clusterTrials(ctx context.Context, lab *Lab, points *tensor.Tensor[float32], k, starts int) (clusterTrialList, error) {
	list := clusterTrialList{k: k}
	m := float64(points.Shape[0])
	for s := range starts {
		lab.Say(fmt.Sprintf("K = %d, start %d of %d", k, s+1, starts))
		rng := rand.New(rand.NewPCG(lab.Seed, uint64(100*k+s)))
		chosen, _, err := kmeans.Greedy(ctx, points, k, 2+int(math.Log(float64(k))), rng)
		if err != nil {
			return list, err
		}
		start, order := kmeans.Rows(points, chosen), rng.Perm(points.Shape[0])
		var t clusterTrial
		begun := time.Now()
		lloyd, err := kmeans.Lloyd(ctx, points, start, kmeans.Config{MaxUpdates: 1000})
		if err != nil {
			return list, err
		}
		t.lloyd, t.lloydTime, t.lloydWork = lloyd.Inertia/m, time.Since(begun), lloyd.Cost
		begun = time.Now()
		online, err := kmeans.NewOnline(start, kmeans.CountPower(0.75))
		if err != nil {
			return list, err
		}
		if t.online, err = onePass(ctx, online, points, order, func() { t.onlineTime = time.Since(begun) }); err != nil {
			return list, err
		}
		t.onlineWork = online.Cost
		settled, err := kmeans.Lloyd(ctx, points, online.Centers, kmeans.Config{MaxUpdates: 1000})
		if err != nil {
			return list, err
		}
		t.minimum = settled.Inertia / m
		tracker, err := kmeans.NewTracker(lloyd.Centers, kmeans.ConstantRate(constantRate))
		if err != nil {
			return list, err
		}
		if t.constant, err = onePass(ctx, tracker, points, order, func() {}); err != nil {
			return list, err
		}
		// an image and its centre are independent: their variances add
		excess, err := kmeans.Stationary(constantRate, t.lloyd)
		if err != nil {
			return list, err
		}
		t.predicted = t.lloyd + excess
		list.trials = append(list.trials, t)
	}
	return list, nil
}

// onePass presents every point once, and returns the inertia a point of what
// was learnt. It calls learnt before it measures.
func onePass(ctx context.Context, o *kmeans.Online[float32], points *tensor.Tensor[float32], order []int, learnt func()) (float64, error) {
	const together = 1024
	for lo := 0; lo < len(order); lo += together {
		if err := o.Learn(ctx, kmeans.Rows(points, order[lo:min(lo+together, len(order))]), nil); err != nil {
			return 0, err
		}
	}
	learnt()
	a, err := kmeans.Assign(ctx, points, o.Centers)
	if err != nil {
		return 0, err
	}
	return a.Inertia / float64(points.Shape[0]), nil
}

// figures are of the starts together. Online k-means and Lloyd's can end near
// different minima, so the pass is held against its own.
func (l clusterTrialList) figures() []Figure {
	of := func(value func(clusterTrial) float64) (lowest, median, highest float64) {
		var v []float64
		for _, t := range l.trials {
			v = append(v, value(t))
		}
		slices.Sort(v)
		return v[0], v[len(v)/2], v[len(v)-1]
	}
	best, _, worst := of(func(t clusterTrial) float64 { return t.lloyd })
	_, above, _ := of(func(t clusterTrial) float64 { return 100 * (t.online/t.minimum - 1) })
	_, other, mostOther := of(func(t clusterTrial) float64 { return 100 * (t.online/t.lloyd - 1) })
	var online, lloyd time.Duration
	for _, t := range l.trials {
		online, lloyd = online+t.onlineTime, lloyd+t.lloydTime
	}
	_, _, work := of(func(t clusterTrial) float64 { return float64(t.onlineWork.Plain) / float64(t.lloydWork.Plain) })
	_, constant, _ := of(func(t clusterTrial) float64 { return 100 * (t.constant/t.lloyd - 1) })
	_, predicted, _ := of(func(t clusterTrial) float64 { return 100 * (t.predicted/t.lloyd - 1) })
	name := func(text string) string { return fmt.Sprintf("K = %d: %s", l.k, text) }
	published, within := "39.2 to 39.4 (scikit-learn)", 0.2
	lo, hi := 39.1, 39.6
	if l.k == 50 {
		published, within, lo, hi = "30.75 to 30.82 (scikit-learn)", 2, 30.6, 31.0
	}
	return []Figure{
		Between(name("Lloyd, inertia, best start"), best, "%.3f", lo, hi, published),
		Between(name("Lloyd, inertia, worst start"), worst, "%.3f", lo, hi, published),
		AtMost(name("one online pass at n⁻⁰·⁷⁵, above the minimum that it is near, median"), above, "%+.2f%%", within, ""),
		AtMost(name("the same, above the minimum that Lloyd finds from the start, median"), other, "%+.2f%%", within, fmt.Sprintf("worst start %+.2f%%: the two can end near different minima", mostOther)),
		AtMost(name("its time, of Lloyd's, all starts"), online.Seconds()/lloyd.Seconds(), "%.3f", 0.1, ""),
		AtMost(name("its distances in plain loops, of Lloyd's, worst start"), work, "%.3f", 0.1, ""),
		Between(name("one pass at constant rate 0.5, above Lloyd, median"), constant, "%+.1f%%", predicted-8, predicted+8, fmt.Sprintf("%+.1f%% predicted: α/(2−α) of the variance", predicted)),
	}
}

// rows is a source as rows of numbers.
func rows(ctx context.Context, source dataset.Source) (*tensor.Tensor[float32], error) {
	x := tensor.New[float32](source.Len(), source.Info().Size())
	for i := range source.Len() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if _, err := source.Read(i, x.Row(i)); err != nil {
			return nil, err
		}
	}
	return x, nil
}
