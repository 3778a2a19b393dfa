package moments

import (
	"math/rand/v2"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Orthogonal makes the weights of each layer, as a matrix [out, the rest], gain
// times one with orthonormal rows, or columns where those are fewer, drawn
// uniformly. Lengths and angles survive any number of square linear layers.
// Source: Saxe, McClelland and Ganguli 2014.
func Orthogonal[F tensor.Float](gain float64) Scheme[F] {
	return each(func(_ string, w drawn[F], rng *rand.Rand) error {
		if err := checkVariances(number{"gain", gain}); err != nil {
			return err
		}
		out := w.weight.Shape[0]
		q := orthonormal(out, len(w.weight.Data)/out, rng)
		for i, v := range q.Data {
			w.weight.Data[i] = F(gain * v)
		}
		return nil
	})
}

// DeltaOrthogonal puts gain times an orthogonal matrix [out, in] in the middle
// of each convolution's kernel and 0 elsewhere: what [Orthogonal] is for linear
// layers, which it serves too. A convolution needs odd sides, one group, and no
// fewer outputs than inputs. Source: Xiao et al. 2018, "Dynamical Isometry and a
// Mean Field Theory of CNNs".
func DeltaOrthogonal[F tensor.Float](gain float64) Scheme[F] {
	linear := Orthogonal[F](gain)
	return each(func(_ string, w drawn[F], rng *rand.Rand) error {
		conv, ok := w.layer.(*nn.Conv2D[F])
		if !ok {
			return linear(w.layer, rng)
		}
		if err := checkVariances(number{"gain", gain}); err != nil {
			return err
		}
		s := w.weight.Shape
		if conv.Groups != 1 || s[2]%2 == 0 || s[3]%2 == 0 || s[0] < s[1] {
			return invalid("delta-orthogonal weights of shape %v in %d groups: want one group, odd sides, and no fewer outputs than inputs", s, conv.Groups)
		}
		clear(w.weight.Data)
		area := s[2] * s[3]
		for i, v := range orthonormal(s[0], s[1], rng).Data {
			w.weight.Data[i*area+area/2] = F(gain * v)
		}
		return nil
	})
}

// orthonormal returns a matrix whose rows, or columns where those are fewer,
// are orthonormal: normal vectors, each made orthogonal to those before it,
// twice, which is enough for full precision.
func orthonormal(rows, columns int, rng *rand.Rand) *tensor.Tensor[float64] {
	n, width := min(rows, columns), max(rows, columns)
	q := tensor.New[float64](n, width)
	for i := range n {
		v := q.Row(i)
		for length := 0.0; length < 1e-6; { // drawn again if it is in the span of the others
			tensor.Normal(tensor.From(v, width), rng, 0, 1)
			scale := simd.Norm(v)
			for range 2 {
				for j := range i {
					simd.AddScaled(v, q.Row(j), -simd.Dot(v, q.Row(j)))
				}
			}
			length = simd.Norm(v)
			simd.Scale(v, v, 1/length)
			length /= scale
		}
	}
	if n == rows {
		return q
	}
	t := tensor.New[float64](rows, columns)
	for i := range n {
		for j, v := range q.Row(i) {
			t.Data[j*columns+i] = v
		}
	}
	return t
}
