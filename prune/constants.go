package prune

import (
	"math"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// foldConstants removes the units of stage s whose weights are 0 and gives
// their constants to stage q, the next. It returns how many were removed and
// how many had to be held.
func (w *work[F]) foldConstants(s, q int) (removed, held int) {
	units := w.places[s].out[0]
	weight, bias := weights(w.places[s].layer)
	zero := make([]bool, units)
	zeros := 0
	for u := range units {
		if zero[u] = allZero(rowOf(weight, u)); zero[u] {
			zeros++
		}
	}
	if zeros == 0 {
		return 0, 0
	}
	constants := w.constants(s, q, zero, bias)
	per := len(constants) / units
	var gone []bool
	if conv, ok := w.places[q].layer.(*nn.Conv2D[F]); ok {
		gone = foldIntoConv(conv, zero, constants, per)
	} else {
		gone = foldIntoLinear(w.places[q].layer.(*nn.Linear[F]), zero, constants, per)
	}
	keep := kept(gone)
	w.cut(s, q, keep)
	removed = units - len(keep)
	return removed, zeros - removed
}

// constants returns what stage q reads of the units that are zero: their
// biases, taken through the layers between as the network would. What stands
// at other units means nothing.
func (w *work[F]) constants(s, q int, zero []bool, bias *nn.Param[F]) []F {
	x := tensor.New[F](append([]int{1}, w.places[s].out...)...)
	per := len(x.Data) / len(zero)
	for u, is := range zero {
		if !is || bias == nil {
			continue
		}
		plane := x.Data[u*per : (u+1)*per]
		for i := range plane {
			plane[i] = bias.Value.Data[u]
		}
	}
	pass := &nn.Pass[F]{Tape: autodiff.NewTape[F]()}
	y := pass.Tape.Constant(x)
	for _, p := range w.places[s+1 : q] {
		y = p.layer.Forward(pass, y)
	}
	return y.Value.Data
}

// foldIntoLinear adds the constants to the biases, and returns the units that
// can go: all that are zero, but one where no other is left.
func foldIntoLinear[F tensor.Float](l *nn.Linear[F], zero []bool, constants []F, per int) []bool {
	gone := leaveOne(finite(zero, constants, per))
	out := l.Weight.Value.Shape[0]
	sums := make([]float64, out)
	for o := range out {
		row := rowOf(l.Weight, o)
		for u, is := range gone {
			if is {
				sums[o] += dot(row[u*per:(u+1)*per], constants[u*per:(u+1)*per])
			}
		}
	}
	l.Bias = addToBias(l.Bias, sums)
	return gone
}

// foldIntoConv gives the constants to the biases where nothing is padded, and
// else to the filters' weights for one of the units, which stays.
func foldIntoConv[F tensor.Float](l *nn.Conv2D[F], zero []bool, constants []F, per int) []bool {
	gone := finite(zero, constants, per)
	value := make([]float64, len(gone))
	carrier := -1
	for u, is := range gone {
		if !is {
			continue
		}
		plane := constants[u*per : (u+1)*per]
		for _, v := range plane {
			gone[u] = gone[u] && v == plane[0]
		}
		if value[u] = float64(plane[0]); gone[u] && value[u] != 0 && (carrier < 0 || math.Abs(value[u]) > math.Abs(value[carrier])) {
			carrier = u
		}
	}
	padded := l.Padding != [2]int{}
	if padded && carrier >= 0 {
		gone[carrier] = false
	}
	gone = leaveOne(gone)
	out, taps := l.Weight.Value.Shape[0], l.Weight.Value.Shape[2]*l.Weight.Value.Shape[3]
	sums := make([]float64, out)
	for o := range out {
		row := rowOf(l.Weight, o)
		carried := make([]float64, taps)
		for u, is := range gone {
			if !is || value[u] == 0 {
				continue
			}
			for t, v := range row[u*taps : (u+1)*taps] {
				sums[o] += float64(v) * value[u]
				if padded {
					carried[t] += float64(v) * (value[u] / value[carrier])
				}
			}
		}
		if padded && carrier >= 0 {
			for t, v := range carried {
				row[carrier*taps+t] = F(float64(row[carrier*taps+t]) + v)
			}
		}
	}
	if !padded {
		l.Bias = addToBias(l.Bias, sums)
	}
	return gone
}

// finite returns the units that are zero and whose constants are numbers.
func finite[F tensor.Float](zero []bool, constants []F, per int) []bool {
	fine := make([]bool, len(zero))
	for u, is := range zero {
		fine[u] = is
		for _, v := range constants[u*per : (u+1)*per] {
			fine[u] = fine[u] && v-v == 0
		}
	}
	return fine
}

// leaveOne keeps the first unit where all would go.
func leaveOne(gone []bool) []bool {
	if len(kept(gone)) == 0 {
		gone[0] = false
	}
	return gone
}

// addToBias adds sums, if there is anything to add, to a bias that may have to
// be made.
func addToBias[F tensor.Float](bias *nn.Param[F], sums []float64) *nn.Param[F] {
	if allZero(sums) {
		return bias
	}
	if bias == nil {
		bias = nn.NewParam[F](len(sums))
	}
	for o, sum := range sums {
		bias.Value.Data[o] = F(float64(bias.Value.Data[o]) + sum)
	}
	return bias
}

func dot[F tensor.Float](a, b []F) float64 {
	sum := 0.0
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}

func allZero[F tensor.Float](x []F) bool {
	for _, v := range x {
		if v != 0 {
			return false
		}
	}
	return true
}
