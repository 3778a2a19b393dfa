package dataset

import (
	"context"
	"math"

	"github.com/gradus-ml/gradus/internal/parallel"
)

// Description sums a source up.
type Description struct {
	Info     Info
	Examples int
	Counts   []int // examples of each class; empty without classes

	// Of all features together. Std is the population's, with divisor n.
	Mean, Std, Min, Max float64

	// Of each channel of a picture [channels, height, width], of each feature
	// of any other shape.
	ChannelMean, ChannelStd []float64
}

// describeBlock is how many examples are summed up before results are joined:
// fixed, so that the result does not depend on the number of processors.
const describeBlock = 256

// Describe reads the whole source. A source without examples has means NaN.
func Describe(ctx context.Context, source Source) (*Description, error) {
	info := source.Info()
	channels := info.Size()
	if len(info.Shape) == 3 {
		channels = info.Shape[0]
	}
	n := source.Len()
	blocks := make([]*summary, parallel.Blocks(n, describeBlock))
	parallel.Run(len(blocks), parallel.Func(func(b int) {
		blocks[b] = newSummary(channels, len(info.Classes))
		lo, hi := parallel.Span(b, describeBlock, n)
		blocks[b].read(ctx, source, info, lo, hi)
	}))
	total := newSummary(channels, len(info.Classes))
	for _, b := range blocks {
		if b.err != nil {
			return nil, b.err
		}
		total.join(b)
	}
	d := &Description{Info: info, Examples: n, Counts: total.counts, Min: total.min, Max: total.max}
	all := moments{}
	for _, m := range total.channels {
		d.ChannelMean = append(d.ChannelMean, m.mean)
		d.ChannelStd = append(d.ChannelStd, m.std())
		all.join(m)
	}
	if d.Mean, d.Std = all.mean, all.std(); all.n == 0 {
		d.Mean, d.Min, d.Max = math.NaN(), math.NaN(), math.NaN()
	}
	return d, nil
}

// Moments returns the mean and the standard deviation of each channel of a
// picture, of each feature of any other shape, over the whole source: what a
// model subtracts and divides by. A feature that never changes has deviation
// 0, and it is for the caller to divide by something else.
func Moments(ctx context.Context, source Source) (mean, std []float64, err error) {
	d, err := Describe(ctx, source)
	if err != nil {
		return nil, nil, err
	}
	return d.ChannelMean, d.ChannelStd, nil
}

// moments are the count, the mean and the sum of squared deviations of some
// numbers, joined by the formulas of Chan, Golub and LeVeque (1983).
type moments struct{ n, mean, m2 float64 }

func (m *moments) join(o moments) {
	if o.n == 0 {
		return
	}
	n, d := m.n+o.n, o.mean-m.mean
	m.mean += d * o.n / n
	m.m2 += o.m2 + d*d*m.n*o.n/n
	m.n = n
}

func (m *moments) std() float64 { return math.Sqrt(m.m2 / m.n) }

type summary struct {
	channels []moments
	counts   []int
	min, max float64
	err      error
}

func newSummary(channels, classes int) *summary {
	return &summary{channels: make([]moments, channels), counts: make([]int, classes), min: math.Inf(1), max: math.Inf(-1)}
}

func (s *summary) join(o *summary) {
	for c := range s.channels {
		s.channels[c].join(o.channels[c])
	}
	for k, n := range o.counts {
		s.counts[k] += n
	}
	s.min, s.max = min(s.min, o.min), max(s.max, o.max)
}

// read sums up examples [lo, hi).
func (s *summary) read(ctx context.Context, source Source, info Info, lo, hi int) {
	x := make([]float32, info.Size())
	width := len(x) / max(1, len(s.channels))
	for i := lo; i < hi; i++ {
		if s.err = ctx.Err(); s.err != nil {
			return
		}
		label, err := source.Read(i, x)
		if err == nil {
			err = checkLabel(label, info.Classes)
		}
		if err != nil {
			s.err = &ExampleError{info.Name, i, err}
			return
		}
		if label >= 0 {
			s.counts[label]++
		}
		for c := range s.channels {
			s.channel(c, x[c*width:(c+1)*width])
		}
	}
}

func (s *summary) channel(c int, x []float32) {
	sum, m2 := 0.0, 0.0
	for _, v := range x {
		sum += float64(v)
		s.min, s.max = min(s.min, float64(v)), max(s.max, float64(v))
	}
	mean := sum / float64(len(x))
	for _, v := range x {
		d := float64(v) - mean
		m2 += d * d
	}
	s.channels[c].join(moments{float64(len(x)), mean, m2})
}
