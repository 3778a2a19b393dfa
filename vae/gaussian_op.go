package vae

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Bounds keep optimal variances inside [Min, Max]. With Min > 0 a perfect
// reconstruction has a finite loss.
type Bounds struct{ Min, Max float64 }

// Unbounded is [0, ∞).
func Unbounded() Bounds { return Bounds{0, math.Inf(1)} }

// OptimalGaussian returns the negative log-likelihood −log N(x; mean, V), in
// nats, averaged over the examples, at the variance that makes it smallest:
//
//	(d/2)·log mse + (d/2)·(log 2π + 1)
//
// for one variance V = mse·I shared by the batch; with [PerDimension] the sum of
// that over the dimensions, each with its own mse; with [PerExample] the mean
// over the examples. Variances stay inside the bounds. Mean is [n, …] and x
// [n/S, …] of the same number d of elements each: S rows in turn are means for
// S codes drawn of one example.
//
// The pullback is exact though the variance depends on the mean: at the optimum
// the derivative through it vanishes (at a bound it does not move), so d mean =
// (mean − x)/(n·V). Where every residual is 0 and there is no lower bound, the
// loss is −Inf. It panics with a [*tensor.ShapeError] if the shapes do not fit.
// Source: docs/optimal-variance-vae.md.
func OptimalGaussian[F tensor.Float](mean *autodiff.Var[F], x *tensor.Tensor[F], scale Scale, b Bounds) *autodiff.Var[F] {
	op := newGaussian(mean, x, scale)
	nats := 0.0
	each := func(i int, elements, squares float64) {
		loss, v := optimalNats(elements, squares, b.Min, b.Max)
		op.inverse[i] = F(1 / v)
		nats += loss
	}
	switch scale {
	case Shared:
		loss, v := optimalNats(op.d, simd.SquaredDistance(mean.Value.Data, op.x)/op.n, b.Min, b.Max)
		op.inverse[0] = F(1 / v)
		nats = loss
	case PerDimension:
		op.eachDimension(each)
	case PerExample:
		op.eachExample(each)
		nats /= float64(len(op.inverse))
	default:
		panic(fmt.Sprintf("vae.OptimalGaussian: %v: want Shared, PerDimension or PerExample", scale))
	}
	op.loss.Value.Data[0] = F(nats)
	return autodiff.Record(op.loss, op)
}

// FixedGaussian is the negative log-likelihood of [OptimalGaussian] at given
// variances: one, or one for each of the d dimensions.
func FixedGaussian[F tensor.Float](mean *autodiff.Var[F], x *tensor.Tensor[F], variance []F) *autodiff.Var[F] {
	op := newGaussian(mean, x, scaleOf("vae.FixedGaussian", mean, x, len(variance)))
	op.given(func(i int) float64 { return math.Log(float64(variance[i])) })
	return autodiff.Record(op.loss, op)
}

// LearnedGaussian is the negative log-likelihood of [OptimalGaussian] at the
// variances e^l of a trained l, [1] or [d], which has its own gradient
// (1 − mse/e^l)/2 for each dimension. Its minimum in l is the optimal variance.
func LearnedGaussian[F tensor.Float](mean *autodiff.Var[F], x *tensor.Tensor[F], logVariance *autodiff.Var[F]) *autodiff.Var[F] {
	op := newGaussian(mean, x, scaleOf("vae.LearnedGaussian", mean, x, len(logVariance.Value.Data)), logVariance)
	op.given(func(i int) float64 { return float64(logVariance.Value.Data[i]) })
	return autodiff.Record(op.loss, op)
}

// scaleOf tells one variance from one per dimension.
func scaleOf[F tensor.Float](op string, mean *autodiff.Var[F], x *tensor.Tensor[F], variances int) Scale {
	switch {
	case variances == 1:
		return Shared
	case len(x.Shape) > 0 && variances*x.Shape[0] == len(x.Data):
		return PerDimension
	}
	panic(tensor.Mismatch(op, "one variance, or one for each dimension of the mean", mean.Shape(), x.Shape, []int{variances}))
}

type gaussian[F tensor.Float] struct {
	mean, loss  *autodiff.Var[F]
	logVariance *autodiff.Var[F] // or nil
	x           []F              // as many as the mean has
	scale       Scale
	inverse     []F     // precisions: one, or one per dimension or example
	slope       []F     // of the loss in each log-variance, where that is trained
	n, d        float64 // rows of the mean, and elements of each
	samples     int     // rows in turn that belong to one example
}

func newGaussian[F tensor.Float](mean *autodiff.Var[F], x *tensor.Tensor[F], scale Scale, logVariance ...*autodiff.Var[F]) gaussian[F] {
	tape, ms := mean.Tape(), mean.Shape()
	if len(ms) == 0 || len(x.Shape) == 0 || len(x.Data) == 0 || ms[0]%x.Shape[0] != 0 || len(mean.Value.Data)*x.Shape[0] != len(x.Data)*ms[0] {
		panic(tensor.Mismatch("vae: Gaussian likelihood", "means [samples·n …] for x [n …]", ms, x.Shape))
	}
	n := ms[0]
	op := gaussian[F]{mean: mean, x: repeated(tape, x, n/x.Shape[0]).Data, scale: scale, n: float64(n), d: float64(len(mean.Value.Data) / n), samples: n / x.Shape[0]}
	variances := 1
	switch scale {
	case PerDimension:
		variances = int(op.d)
	case PerExample:
		variances = x.Shape[0]
	}
	op.inverse = tape.Scratch(variances)
	if len(logVariance) == 0 {
		op.loss = tape.Output(nil, mean)
		return op
	}
	op.logVariance, op.slope = logVariance[0], tape.Scratch(variances)
	op.loss = tape.Output(nil, mean, op.logVariance)
	return op
}

// given computes the loss at variances e^log(i).
func (op *gaussian[F]) given(log func(i int) float64) {
	nats := 0.0
	each := func(i int, elements, squares float64) {
		v := math.Exp(log(i))
		nats += elements/2*(log2Pi+log(i)) + squares/(2*v)
		op.inverse[i] = F(1 / v)
		if op.slope != nil {
			op.slope[i] = F((elements - squares/v) / 2)
		}
	}
	if op.scale == Shared {
		each(0, op.d, simd.SquaredDistance(op.mean.Value.Data, op.x)/op.n)
	} else {
		op.eachDimension(each)
	}
	op.loss.Value.Data[0] = F(nats)
}

// eachDimension calls f with the mean over the rows of every dimension's
// squared residual. A strip of columns is summed at a time, in registers'
// reach and in float64.
func (op *gaussian[F]) eachDimension(f func(j int, elements, squares float64)) {
	const strip = 64
	d, n := int(op.d), int(op.n)
	for lo := 0; lo < d; lo += strip {
		var sums [strip]float64
		hi := min(lo+strip, d)
		for r := range n {
			x := op.x[r*d+lo : r*d+hi]
			for j, m := range op.mean.Value.Data[r*d+lo : r*d+hi] {
				q := float64(m) - float64(x[j])
				sums[j] += q * q
			}
		}
		for j := lo; j < hi; j++ {
			f(j, 1, sums[j-lo]/op.n)
		}
	}
}

// eachExample calls f with every example's squared residual, averaged over its
// rows.
func (op *gaussian[F]) eachExample(f func(i int, elements, squares float64)) {
	per := op.samples * int(op.d)
	for i := range op.inverse {
		lo := i * per
		f(i, op.d, simd.SquaredDistance(op.mean.Value.Data[lo:lo+per], op.x[lo:lo+per])/float64(op.samples))
	}
}

// Pull: dmean += dloss·(mean − x)/(n·V), dl += dloss·slope.
func (op *gaussian[F]) Pull() {
	dy := float64(op.loss.Grad.Data[0])
	if op.logVariance != nil && op.logVariance.Wanted() {
		simd.AddScaled(op.logVariance.Accumulate(), op.slope, F(dy))
	}
	g, first := op.mean.Contribute()
	if g == nil {
		return
	}
	d, per := int(op.d), len(g)
	switch op.scale {
	case PerDimension:
		per = d
	case PerExample:
		per = d * op.samples
	}
	var sum []F
	if !first {
		sum = op.mean.Tape().Scratch(per)
	}
	for lo := 0; lo < len(g); lo += per {
		part := g[lo : lo+per]
		if !first {
			part = sum
		}
		simd.Sub(part, op.mean.Value.Data[lo:lo+per], op.x[lo:lo+per])
		factor := dy / op.n
		switch op.scale {
		case PerDimension:
			simd.Mul(part, part, op.inverse)
		default:
			factor *= float64(op.inverse[lo/per])
		}
		simd.Scale(part, part, F(factor))
		if !first {
			simd.Add(g[lo:lo+per], g[lo:lo+per], part)
		}
	}
}

// repeated returns x with every example samples times in turn, on the tape's
// memory; x itself for one sample.
func repeated[F tensor.Float](tape *autodiff.Tape[F], x *tensor.Tensor[F], samples int) *tensor.Tensor[F] {
	if samples == 1 {
		return x
	}
	n, d := x.Shape[0], len(x.Data)/x.Shape[0]
	shape := [2]int{n * samples, d}
	y := tape.Output(shape[:]).Value
	for r := range n * samples {
		copy(y.Data[r*d:(r+1)*d], x.Data[r/samples*d:])
	}
	return y
}
