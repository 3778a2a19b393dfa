package nn

import "github.com/gradus-ml/gradus/internal/parallel"

// columnBlock is how many channels of vectors are taken together: those whose
// elements share a cache line.
const columnBlock = 16

// normaliseColumns computes y for vectors [batch, channels].
func (op *batchNorm[F]) normaliseColumns() {
	for i := range parallel.Blocks(op.channels, columnBlock) {
		lo, hi := parallel.Span(i, columnBlock, op.channels)
		var scale, shift [columnBlock]F
		for c := lo; c < hi; c++ {
			scale[c-lo], shift[c-lo] = op.scaleShift(c)
		}
		mean := op.mean[lo:hi]
		for at := lo; at < len(op.x.Value.Data); at += op.channels {
			x, y := op.x.Value.Data[at:][:len(mean)], op.y.Value.Data[at:][:len(mean)]
			for c, m := range mean {
				y[c] = (x[c]-m)*scale[c] + shift[c]
			}
		}
	}
}

// pullColumns does the pullback of channels [lo, hi) of vectors.
func (op *batchNorm[F]) pullColumns(lo, hi int) {
	var sum, withZ [columnBlock]float64
	mean, inverse := op.mean[lo:hi], op.inverse[lo:hi]
	for at := lo; at < len(op.x.Value.Data); at += op.channels {
		x, dy := op.x.Value.Data[at:][:len(mean)], op.y.Grad.Data[at:][:len(mean)]
		for c, m := range mean {
			sum[c] += float64(dy[c])
			withZ[c] += float64(dy[c]) * float64((x[c]-m)*inverse[c])
		}
	}
	var scale, level, slope [columnBlock]F
	for c := lo; c < hi; c++ {
		scale[c-lo], level[c-lo], slope[c-lo] = op.pulled(c, sum[c-lo], withZ[c-lo])
	}
	if op.dx == nil {
		return
	}
	for at := lo; at < len(op.x.Value.Data); at += op.channels {
		x, dy, dx := op.x.Value.Data[at:][:len(mean)], op.y.Grad.Data[at:][:len(mean)], op.dx[at:][:len(mean)]
		for c, m := range mean {
			dx[c] += scale[c]*dy[c] - level[c] - slope[c]*((x[c]-m)*inverse[c])
		}
	}
}
