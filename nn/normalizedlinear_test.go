package nn_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
	"pgregory.net/rapid"
)

func ExampleNormalizedPullback() {
	r, err := nn.NormalizedPullback([][]float64{{3, 4}}, []float64{5}, nil, [][]float64{{1, 2}}, [][]float64{{1}}, nn.NormExact, 0)
	fmt.Println(r.Y, r.DB, r.DX, err)
	_, err = nn.NormalizedPullback([][]float64{{0, 0}}, []float64{5}, nil, [][]float64{{1, 2}}, nil, nn.NormExact, 0)
	fmt.Println(err)
	// Output:
	// [[3.2]] [0.2] [[0.6000000000000001 0.8]] <nil>
	// normalizedlinear: row 0 of weight has norm 0, and no direction: want a weight that is not 0, or the norm "sqrt" or "max" with a positive delta
}

// composed is the layer under NormExact out of primitive operations.
type composed[F tensor.Float] struct{ *nn.NormalizedLinear[F] }

func (l composed[F]) Forward(p *nn.Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	w := p.Use(l.Weight)
	one := tensor.New[F](w.Shape()[0])
	one.Fill(1)
	y := autodiff.AddRow(autodiff.MatMul(x, w, tensor.Product[F]{TransB: true}), p.Use(l.Bias))
	return autodiff.MulRow(y, autodiff.Div(p.Tape.Constant(one), autodiff.Sqrt(autodiff.SumColumns(autodiff.Square(w)))))
}

// gradientsOf runs a layer both ways and returns y, dx and the gradients of all
// parameters, in one list.
func gradientsOf[F tensor.Float](layer nn.Layer[F], x *tensor.Tensor[F]) [][]F {
	p := &nn.Pass[F]{Tape: autodiff.NewTape[F](), Train: true}
	v := p.Tape.Variable(x)
	y := layer.Forward(p, v)
	dy := tensor.New[F](y.Shape()...)
	tensor.Normal(dy, newRand(), 0, 1)
	p.Tape.BackwardFrom(y, dy.Data)
	all := [][]F{y.Value.Data, v.Grad.Data}
	for _, param := range nn.Params[F](layer) {
		all = append(all, param.Grad.Data)
	}
	return all
}

func mustAgree[F tensor.Float](t *testing.T, got, want [][]F, tolerance float64) {
	t.Helper()
	for i := range want {
		size := 0.0
		for _, w := range want[i] {
			size = max(size, math.Abs(float64(w)))
		}
		for j, w := range want[i] {
			if !(math.Abs(float64(got[i][j]-w)) <= tolerance*size) {
				t.Fatalf("array %d, element %d: got %v, want %v", i, j, got[i][j], w)
			}
		}
	}
}

func TestNormalizedLinearIsItsComposition(t *testing.T) {
	testComposition[float32](t, 2e-6)
	testComposition[float64](t, 1e-14)
}

func testComposition[F tensor.Float](t *testing.T, tolerance float64) {
	l := nn.NewNormalizedLinear[F](70, 90, newRand())
	x := tensor.New[F](33, 70)
	tensor.Normal(x, newRand(), 0, 1)
	fused := gradientsOf[F](l, x)
	for i, g := range fused {
		fused[i] = append([]F(nil), g...)
	}
	mustAgree(t, fused, gradientsOf[F](composed[F]{l}, x), tolerance)
}

// TestNormalizedLinearScales holds that scaling rows and biases together by
// powers of 2, as far as F goes, changes no bit of y and dx, and divides the
// gradients in them by the power.
func TestNormalizedLinearScales(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		testScales[float32](t, -100, 100)
		testScales[float64](t, -900, 900)
	})
}

func testScales[F tensor.Float](t *rapid.T, lo, hi int) {
	l := nn.NewNormalizedLinear[F](5, 3, newRand())
	x := tensor.New[F](2, 5)
	tensor.Normal(x, newRand(), 0, 1)
	want := gradientsOf[F](l, x)
	for i := range 3 {
		e := rapid.IntRange(lo, hi).Draw(t, "exponent")
		for j := range l.Weight.Value.Row(i) {
			l.Weight.Value.Row(i)[j] = F(math.Ldexp(float64(l.Weight.Value.Row(i)[j]), e))
			want[2][i*5+j] = F(math.Ldexp(float64(want[2][i*5+j]), -e))
		}
		l.Bias.Value.Data[i] = F(math.Ldexp(float64(l.Bias.Value.Data[i]), e))
		want[3][i] = F(math.Ldexp(float64(want[3][i]), -e))
	}
	for i := 2; i < 4; i++ { // the layer writes its gradients where want has them
		want[i] = append([]F(nil), want[i]...)
	}
	for i, got := range gradientsOf[F](l, x) {
		for j := range got {
			if math.Abs(float64(got[j]-want[i][j])) > 8*math.Abs(float64(want[i][j]))*float64(epsilon[F]()) {
				t.Fatalf("array %d, element %d: got %v, want %v", i, j, got[j], want[i][j])
			}
		}
	}
}

func epsilon[F tensor.Float]() F {
	if F(1)+F(1e-10) == 1 {
		return 0x1p-20
	}
	return 0x1p-49
}

func TestNormalizedLinearGradientIsOrthogonal(t *testing.T) {
	l := nn.NewNormalizedLinear[float64](6, 4, newRand())
	x := tensor.New[float64](5, 6)
	tensor.Normal(x, newRand(), 0, 1)
	gradientsOf[float64](l, x)
	for i := range 4 {
		dot := l.Bias.Grad.Data[i] * l.Bias.Value.Data[i]
		for j, w := range l.Weight.Value.Row(i) {
			dot += w * l.Weight.Grad.Row(i)[j]
		}
		if math.Abs(dot) > 1e-13 {
			t.Errorf("row %d: ⟨(w, b), gradient⟩ = %v, want 0", i, dot)
		}
	}
}

func TestNormalizedLinearRefusesZero(t *testing.T) {
	l := nn.NewNormalizedLinear[float32](3, 2, newRand())
	clear(l.Weight.Value.Row(1))
	x := tensor.New[float32](1, 3)
	p := &nn.Pass[float32]{Tape: autodiff.NewTape[float32]()}
	for _, err := range []any{l.CheckNorms(), panicOf(func() { l.Forward(p, p.Tape.Constant(x)) })} {
		e := new(nn.DomainError)
		if err, ok := err.(error); !ok || !errors.As(err, &e) || e.Code != "zero_norm" {
			t.Errorf("got %v, want an error of code zero_norm", err)
		}
	}
	model := nn.Sequential[float32]{nn.ReLU[float32]{}, &nn.Residual[float32]{Body: l}}
	if err := nn.CheckNorms[float32](model); err == nil || !strings.HasPrefix(err.Error(), "1.body: normalizedlinear: row 1") {
		t.Errorf("in a model: got %v, want an error that names layer and row", err)
	}
	for _, norm := range []string{nn.NormSqrt, nn.NormMax} {
		l.Norm, l.Delta = norm, 1e-3
		if err := l.CheckNorms(); err != nil {
			t.Errorf("%s: %v", norm, err)
		}
		if y := l.Forward(p, p.Tape.Constant(x)); math.IsNaN(float64(y.Value.Data[1])) {
			t.Errorf("%s: got NaN", norm)
		}
	}
}

func BenchmarkNormalizedLinear(b *testing.B) {
	l := nn.NewNormalizedLinear[float32](784, 512, newRand())
	for _, c := range []struct {
		name  string
		layer nn.Layer[float32]
	}{{"fused", l}, {"composed", composed[float32]{l}}} {
		b.Run(c.name, func(b *testing.B) { benchmarkLayer(b, c.layer, 128, 784) })
	}
}

func benchmarkLayer(b *testing.B, layer nn.Layer[float32], shape ...int) {
	x := tensor.New[float32](shape...)
	tensor.Normal(x, newRand(), 0, 1)
	p := &nn.Pass[float32]{Tape: autodiff.NewTape[float32](), Train: true}
	b.ReportAllocs()
	for b.Loop() {
		p.Tape.Reset()
		y := layer.Forward(p, p.Tape.Variable(x))
		p.Tape.BackwardFrom(y, y.Value.Data)
	}
}
