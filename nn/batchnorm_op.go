package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// batchNorm is y = weight·z + bias with z = (x − mean)·inverse, channel by
// channel. It reads x as [batch, channels, area].
type batchNorm[F tensor.Float] struct {
	x, weight, bias, y    *autodiff.Var[F]
	mean, inverse         []F // inverse of the standard deviation, [channels]
	batch, channels, area int
	train                 bool // mean and inverse depend on x

	z          []F // room for one plane of each channel
	dx, dw, db []F // gradients to add to, nil where unwanted
}

// newBatchNorm returns the operation with mean and inverse to be filled.
func newBatchNorm[F tensor.Float](p *Pass[F], x, weight, bias *autodiff.Var[F]) batchNorm[F] {
	xs := x.Shape()
	op := batchNorm[F]{x: x, weight: weight, bias: bias, batch: xs[0], channels: xs[1], area: tensor.Size(xs[2:]), train: p.Train}
	inputs := [3]*autodiff.Var[F]{x, x, x}
	if weight != nil {
		inputs[1] = weight
	}
	if bias != nil {
		inputs[2] = bias
	}
	op.y = p.Tape.Output(xs, inputs[:]...)
	op.mean, op.inverse = p.Tape.Scratch(op.channels), p.Tape.Scratch(op.channels)
	op.z = p.Tape.Scratch(op.channels * op.area)
	return op
}

// plane returns the range of example n's channel c.
func (op *batchNorm[F]) plane(n, c int) (lo, hi int) {
	lo = (n*op.channels + c) * op.area
	return lo, lo + op.area
}

// scaleShift returns channel c's weight·inverse and bias.
func (op *batchNorm[F]) scaleShift(c int) (scale, shift F) {
	scale = op.inverse[c]
	if op.weight != nil {
		scale *= op.weight.Value.Data[c]
	}
	if op.bias != nil {
		shift = op.bias.Value.Data[c]
	}
	return scale, shift
}

func (op *batchNorm[F]) normalise() {
	if op.area == 1 {
		op.normaliseColumns()
		return
	}
	for c := range op.channels {
		scale, shift := op.scaleShift(c)
		for n := range op.batch {
			lo, hi := op.plane(n, c)
			simd.Standardise(op.y.Value.Data[lo:hi], op.x.Value.Data[lo:hi], op.mean[c], scale, shift)
		}
	}
}

// Pull: db += Σ dy, dw += Σ dy·z, and, while training, dx += weight·inverse·
// (dy − Σdy/n − z·Σ(dy·z)/n); with the running moments, which are constants,
// dx += weight·inverse·dy.
func (op *batchNorm[F]) Pull() {
	op.dx, op.dw, op.db = op.x.Accumulate(), nil, nil
	if op.weight != nil {
		op.dw = op.weight.Accumulate()
	}
	if op.bias != nil {
		op.db = op.bias.Accumulate()
	}
	if op.area == 1 {
		parallel.Run(parallel.Blocks(op.channels, columnBlock), op)
	} else {
		parallel.Run(op.channels, op)
	}
}

// Block does the pullback of one channel of images, or of a block of columns.
func (op *batchNorm[F]) Block(i int) {
	if op.area == 1 {
		lo, hi := parallel.Span(i, columnBlock, op.channels)
		op.pullColumns(lo, hi)
		return
	}
	op.pullPlanes(i, op.z[i*op.area:][:op.area])
}

// pulled takes Σ dy and Σ dy·z of channel c to dw and db, and returns what is
// to be added to dx: scale·dy − level − slope·z.
func (op *batchNorm[F]) pulled(c int, sum, withZ float64) (scale, level, slope F) {
	if op.dw != nil {
		op.dw[c] += F(withZ)
	}
	if op.db != nil {
		op.db[c] += F(sum)
	}
	scale, _ = op.scaleShift(c)
	if op.train {
		per := float64(scale) / float64(op.batch*op.area)
		level, slope = F(per*sum), F(per*withZ)
	}
	return scale, level, slope
}

// pullPlanes does channel c of images, with room for one plane of z.
func (op *batchNorm[F]) pullPlanes(c int, z []F) {
	x, dy, mean, inverse := op.x.Value.Data, op.y.Grad.Data, op.mean[c], op.inverse[c]
	var sum, withZ float64
	for n := range op.batch {
		lo, hi := op.plane(n, c)
		simd.Standardise(z, x[lo:hi], mean, inverse, 0)
		sum += simd.Sum(dy[lo:hi])
		withZ += simd.Dot(dy[lo:hi], z)
	}
	scale, level, slope := op.pulled(c, sum, withZ)
	if op.dx == nil {
		return
	}
	for n := range op.batch {
		lo, hi := op.plane(n, c)
		dx := op.dx[lo:hi]
		simd.AddScaled(dx, dy[lo:hi], scale)
		if op.train {
			simd.Standardise(z, x[lo:hi], mean, slope*inverse, level)
			simd.Sub(dx, dx, z)
		}
	}
}
