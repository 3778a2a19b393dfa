package shift

import (
	"math"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/losses"
)

// likelihood is L̄(π) = mean_i log Σ_k π_k p(k|x_i)/p(k) with its scratch. It
// reads the posteriors where they lie: the columns of R are scaled in π
// instead.
type likelihood struct {
	p       losses.Probs
	train   []float64
	weights []float64 // π/p, less a common factor
	parts   []float64 // [blocks][classes+1]: Σ p_k/(Σ w p), and Σ log Σ w p
	sums    []float64

	mixtures parallel.Spares[*simd.Mixture]
}

const blockRows = 4096 // 320 KiB of ten classes: a few of them fill a cache

func blocksOf(p losses.Probs) int { return parallel.Blocks(p.Rows(), blockRows) }

// at returns L̄ and writes its gradient G. It is −Inf where a row is
// impossible; G is of no use then.
func (l *likelihood) at(prior, g []float64) float64 {
	// The largest weight is made 1, so that no sum overflows.
	largest := l.scale(prior)
	parallel.Run(blocksOf(l.p), l)
	clear(l.sums)
	for at, v := range l.parts {
		l.sums[at%len(l.sums)] += v
	}
	n := float64(l.p.Rows())
	for k := range g {
		g[k] = 0
		if l.train[k] > 0 {
			g[k] = l.sums[k] / n / largest / l.train[k]
		}
	}
	return l.sums[l.p.Classes]/n + math.Log(largest)
}

func (l *likelihood) scale(prior []float64) float64 {
	largest := 0.0
	for k, q := range prior {
		l.weights[k] = 0
		if q > 0 {
			l.weights[k] = q / l.train[k]
		}
		largest = max(largest, l.weights[k])
	}
	for k := range l.weights {
		l.weights[k] /= largest
	}
	return largest
}

// Block sums over one block of rows.
func (l *likelihood) Block(b int) {
	lo, hi := parallel.Span(b, blockRows, l.p.Rows())
	classes := l.p.Classes
	m := l.mixtures.Take()
	if *m == nil {
		*m = simd.NewMixture(classes)
	}
	(*m).Reset(l.weights)
	(*m).Add(l.p.Data[lo*classes:hi*classes], classes)
	part := l.parts[b*(classes+1) : (b+1)*(classes+1)]
	copy(part, (*m).Sums()[:classes])
	part[classes] = (*m).LogDensity()
	l.mixtures.Give(m)
}
