package shift

import (
	"math"

	"github.com/gradus-ml/gradus/internal/parallel"
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
	part := l.parts[b*(classes+1) : (b+1)*(classes+1)]
	rows := l.p.Data[lo*classes : hi*classes]
	if classes == 10 {
		part[10] = passTen((*[10]float64)(part), rows, (*[10]float64)(l.weights))
		return
	}
	part[classes] = passAny(part[:classes], rows, l.weights)
}

// passAny adds p_k/d over the rows to sums, d = Σ w p, and returns Σ log d.
func passAny(sums, rows, w []float64) float64 {
	clear(sums)
	log := logSum{product: 1}
	for ; len(rows) >= len(w); rows = rows[len(w):] {
		row := rows[:len(w):len(w)]
		var even, odd float64 // two chains of additions, each half as long
		k := 0
		for ; k+1 < len(row); k += 2 {
			even += row[k] * w[k]
			odd += row[k+1] * w[k+1]
		}
		if k < len(row) {
			even += row[k] * w[k]
		}
		d := even + odd
		log.add(d)
		inverse := 1 / d
		for k, v := range row {
			sums[k] += v * inverse
		}
	}
	return log.value()
}

// logSum sums logarithms by multiplying first: a logarithm a hundred rows
// instead of one a row, and no digit less.
type logSum struct{ product, sum float64 }

func (s *logSum) add(d float64) {
	if p := s.product * d; d >= 1e-150 && p >= 1e-150 {
		s.product = p
		return
	}
	s.spill(d)
}

// spill takes a d that would take the product out of range; it is ≤ about 1.
func (s *logSum) spill(d float64) {
	s.sum += math.Log(d)
	if d >= 1e-150 {
		s.sum += math.Log(s.product)
		s.product = 1
	}
}

func (s *logSum) value() float64 { return s.sum + math.Log(s.product) }
