package tour

import (
	"context"
	"fmt"

	"github.com/gradus-ml/gradus/kmeans"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/tensor"
)

func kMeans() Chapter {
	return Chapter{
		Slug:     "kmeans",
		Question: "What groups are in my unlabelled data, and what does it cost to learn them as they stream in?",
		About: "Ten centres of the digits are found twice from one start: by Lloyd's iteration over all of them until nothing changes, and one digit at a time, each seen once. " +
			"Then the stream goes on at a constant rate, with which centres never come to rest: how much they scatter, and what that costs, is predicted.",
		Try: "gradus cluster DATA --k 10",
		run: func(ctx context.Context, lab *Lab) (*finding, error) { return clustered{lab}.run(ctx) },
	}
}

const (
	clusterCentres = 10
	clusterRate    = 0.2 // constant, for the scatter
)

type clustered struct{ lab *Lab }

func (c clustered) run(ctx context.Context) (*finding, error) {
	learn, _, err := c.lab.digits(ctx)
	if err != nil {
		return nil, err
	}
	n := learn.Len()
	points := tensor.From(learn.x.Data, n, 784)
	chosen, _, err := kmeans.PlusPlus(ctx, points, kmeans.Draws(c.lab.rand(8), clusterCentres))
	if err != nil {
		return nil, err
	}
	start := kmeans.Rows(points, chosen)
	c.lab.say("Lloyd's iteration over %d digits", n)
	lloyd, err := kmeans.Lloyd(ctx, points, start, kmeans.Config{MaxUpdates: 200, Trajectory: true})
	if err != nil {
		return nil, err
	}
	best := lloyd.Inertia / float64(n)
	batch := report.Line{Name: "Lloyd, all at once", Markers: true}
	for t, inertia := range lloyd.Trajectory {
		if t > 0 {
			batch.X, batch.Y = append(batch.X, float64(t+1)*clusterCentres), append(batch.Y, inertia/float64(n))
		}
	}
	stream, err := kmeans.NewOnline(start, kmeans.CountPower(0.75))
	if err != nil {
		return nil, err
	}
	online, err := c.pass(ctx, stream, points)
	if err != nil {
		return nil, err
	}
	once := online.Y[len(online.Y)-1]
	predicted, measured, err := c.scatter(ctx, learn)
	if err != nil {
		return nil, err
	}
	price, err := c.constant(ctx, stream.Centers, points)
	if err != nil {
		return nil, err
	}
	excess := clusterRate / (2 - clusterRate)
	passes := float64(lloyd.Updates + 1)
	return &finding{
		figures: []Figure{
			atMost("inertia after one pass of the stream, in Lloyd's", "%.3f", 1.03, once/best, "3%"),
			near(fmt.Sprintf("variance of a centre at constant rate α = %g, beside α/(2 − α) of its cell's", clusterRate), "%.3f", predicted, measured, 0.08*predicted, "8%, for a stream of this length"),
			near("inertia at that rate, in the inertia at rest, beside 1 + α/(2 − α)", "%.3f", 1+excess, price/once, 0.1*excess+0.02, "10% of the excess and 0.02"),
		},
		pictures: []Picture{
			{"centres", report.Captioned{Picture: centresPicture(lloyd.Centers, stream.Centers), Caption: "Ten centres of unlabelled digits: of Lloyd's iteration, and of a stream that saw every digit once."}},
			{"inertia", report.Captioned{Picture: report.Figure{Title: fmt.Sprintf("k-means of %d digits, ten centres, one start", n), X: "distances evaluated for each digit", LogX: true,
				Panels: []report.Panel{{Y: "inertia a digit", Lines: []report.Line{batch, online}, Legend: report.TopRight}}},
				Caption: "What each way has reached against what it has cost."}},
		},
		verdict: fmt.Sprintf("one pass of a stream comes within %.1f%% of %.0f passes of Lloyd's iteration; a constant rate scatters as predicted", 100*(once/best-1), passes),
	}, nil
}

// pass presents every point once, in a random order, and measures after 1/32,
// 1/16, … of them.
func (c clustered) pass(ctx context.Context, o *kmeans.Online[float32], points *tensor.Tensor[float32]) (report.Line, error) {
	n := points.Shape[0]
	line := report.Line{Name: "online, one at a time", Markers: true}
	order := c.lab.rand(8, 1).Perm(n)
	for lo, hi := 0, n/32; lo < n; lo, hi = hi, min(2*hi, n) {
		c.lab.say("a stream of digits: %d of %d", lo, n)
		if err := o.Learn(ctx, kmeans.Rows(points, order[lo:hi]), nil); err != nil {
			return line, err
		}
		a, err := kmeans.Assign(ctx, points, o.Centers)
		if err != nil {
			return line, err
		}
		line.X, line.Y = append(line.X, clusterCentres*float64(hi)/float64(n)), append(line.Y, a.Inertia/float64(n))
		if hi == n {
			break
		}
	}
	return line, nil
}

// constant lets the centres follow the stream at a constant rate, and returns
// the inertia that a digit finds, on average over the stream.
func (c clustered) constant(ctx context.Context, centres, points *tensor.Tensor[float32]) (inertia float64, err error) {
	const chunks = 20
	n := points.Shape[0]
	o, err := kmeans.NewTracker(centres, kmeans.ConstantRate(clusterRate))
	if err != nil {
		return 0, err
	}
	order := c.lab.rand(8, 2).Perm(n)
	for i := range chunks {
		c.lab.say("a constant rate: %d of %d digits", i*n/chunks, n)
		if err := o.Learn(ctx, kmeans.Rows(points, order[i*n/chunks:(i+1)*n/chunks]), nil); err != nil {
			return 0, err
		}
		a, err := kmeans.Assign(ctx, points, o.Centers)
		if err != nil {
			return 0, err
		}
		inertia += a.Inertia / float64(n) / chunks
	}
	return inertia, nil
}

// scatter lets one centre follow examples of one digit, drawn independently,
// and returns its variance: predicted from theirs, and measured.
func (c clustered) scatter(ctx context.Context, learn *digits) (predicted, measured float64, err error) {
	const digit, presentations = 3, 12000
	var own []int
	for i, label := range learn.labels {
		if label == digit {
			own = append(own, i)
		}
	}
	rng := c.lab.rand(8, 3)
	drawn := make([]int, presentations)
	for i := range drawn {
		drawn[i] = own[rng.IntN(len(own))]
	}
	points := tensor.From(learn.x.Data, learn.Len(), 784)
	o, err := kmeans.NewTracker(kmeans.Rows(points, drawn[:1]), kmeans.ConstantRate(clusterRate))
	if err != nil {
		return 0, 0, err
	}
	o.Watch = kmeans.NewWatch(o, presentations/20)
	for i := 0; i < presentations; i += 1000 {
		c.lab.say("a centre that follows one digit: %d of %d", i, presentations)
		if err := o.Learn(ctx, kmeans.Rows(points, drawn[i:i+1000]), nil); err != nil {
			return 0, 0, err
		}
	}
	return o.Watch.Variances(0, clusterRate)
}

func centresPicture(batch, stream *tensor.Tensor[float32]) report.Grid {
	row := func(name string, centres *tensor.Tensor[float32]) report.GridRow {
		r := report.GridRow{Name: name}
		for k := range centres.Shape[0] {
			r.Images = append(r.Images, report.Image{Shape: []int{1, 28, 28}, Data: centres.Row(k)})
		}
		return r
	}
	return report.Grid{Title: "centres of unlabelled digits", Rows: []report.GridRow{row("all at once", batch), row("one at a time", stream)}}
}
