package prox_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

func typeName(v any) string { return fmt.Sprintf("%T", v) }

// validator is what penalties and radial functions share.
type validator interface{ Validate() error }

func TestParametersOutsideTheirDomainAreRefused(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	norm := func(rho prox.Radial) validator { return prox.Norm[float32]{Rho: rho} }
	for _, bad := range []validator{
		prox.L2[float32]{Lambda: -1}, prox.L2[float32]{Lambda: nan}, prox.L1[float32]{Lambda: inf},
		prox.ElasticNet[float32]{Lambda1: -1}, prox.ElasticNet[float32]{Lambda2: nan},
		prox.Box[float32]{Lo: 1, Hi: 0}, prox.Box[float32]{Lo: nan, Hi: 1}, prox.Box[float32]{Lo: inf, Hi: inf}, prox.Box[float32]{Lo: -inf, Hi: -inf},
		norm(nil), prox.Norm[float32]{Rho: prox.RadialZero{}, Per: 7},
		norm(prox.Linear{Lambda: -1}), norm(prox.Quadratic{Lambda: nan}), norm(prox.LinearQuadratic{Lambda1: -1}), norm(prox.LinearQuadratic{Lambda2: -1}),
		norm(prox.Huber{Lambda: 1}), norm(prox.Huber{Lambda: -1, Delta: 1}), norm(prox.PseudoHuber{Lambda: 1}), norm(prox.PseudoHuber{Lambda: nan, Delta: 1}),
		norm(prox.Log{Lambda: 1}), norm(prox.Log{Lambda: -1, Scale: 1}), norm(prox.Power{Lambda: 1}), norm(prox.Power{Lambda: -1, P: 1}), norm(prox.Power{Lambda: 1, P: inf}),
		norm(prox.Ball{Radius: -1}), norm(prox.ShiftedQuadratic{Lambda: -1}), norm(prox.ShiftedQuadratic{Centre: -1}),
		norm(prox.ExpDecay{Lambda: 1}), norm(prox.ExpDecay{Lambda: -1, Scale: 1}), norm(prox.Cosine{Lambda: 1}), norm(prox.Cosine{Lambda: -1, Omega: 1}),
		norm(&prox.Custom{}), norm(&prox.Custom{Rho: func(float64) float64 { return nan }}), norm((*prox.Custom)(nil)),
		prox.Translate[float32]{Of: prox.L1[float32]{Lambda: -1}}, prox.Scale[float32]{Of: prox.None[float32]{}, By: 0}, prox.Scale[float32]{Of: prox.L1[float32]{Lambda: -1}, By: 1},
		prox.MoreauEnvelope[float32]{Of: prox.None[float32]{}}, prox.MoreauEnvelope[float32]{Of: prox.L1[float32]{Lambda: -1}, Width: 1},
		prox.Conjugate[float32]{Of: prox.L1[float32]{Lambda: -1}},
	} {
		e := new(prox.DomainError)
		if err := bad.Validate(); !errors.As(err, &e) || e.Code != "invalid_parameter" {
			t.Errorf("%#v: error %v", bad, err)
		}
	}
}

func TestCertificates(t *testing.T) {
	for _, c := range []struct {
		rho     prox.Radial
		a, step float64
		why     prox.Certificate
	}{
		{prox.Linear{Lambda: 1}, 2, 1, prox.Unique},
		{prox.Linear{Lambda: 1}, 1, 1, prox.Zero},
		{prox.Log{Lambda: 2, Scale: 0.2}, 3, 0.3, prox.Compared},
		{prox.Log{Lambda: 2, Scale: 0.2}, 0.5, 0.3, prox.Zero},
		{prox.Log{Lambda: 0.1, Scale: 1}, 3, 1, prox.Unique},
		{prox.ShiftedQuadratic{Lambda: 1, Centre: 1}, 0, 1, prox.Sphere},
		{prox.ExpDecay{Lambda: 1, Scale: 1}, 0, 1, prox.Sphere},
		{prox.Cosine{Lambda: 0.5, Omega: 6}, 2, 1, prox.Compared},
		{prox.Power{Lambda: 1, P: 0.5}, 5, 1, prox.Compared},
		{&prox.Custom{Rho: func(r float64) float64 { return r }}, 2, 1, prox.Searched},
	} {
		if _, why, err := prox.Certify(c.rho, c.a, c.step); err != nil || why != c.why {
			t.Errorf("%#v at %v: %v (%v), want %v", c.rho, c.a, why, err, c.why)
		}
	}
	for _, bad := range [][2]float64{{-1, 1}, {math.NaN(), 1}, {1, 0}, {1, math.NaN()}} {
		if _, _, err := prox.Certify(prox.RadialZero{}, bad[0], bad[1]); err == nil {
			t.Errorf("a %v, step %v: no error", bad[0], bad[1])
		}
	}
}

func TestNaNAndExtremesPassThrough(t *testing.T) {
	for i, l := range laws[float64]() {
		a := []float64{1, math.NaN(), 1, 1}
		l.penalty.Prox(a, a, 1)
		if !math.IsNaN(a[1]) {
			t.Errorf("%d %T hides a NaN: %v", i, l.penalty, a)
		}
	}
	for _, scale := range []float64{1e-200, 1e-310, 1e200} {
		a := []float64{3 * scale, 4 * scale}
		prox.Norm[float64]{Rho: prox.Ball{Radius: 10 * scale}}.Prox(a, a, 1)
		if a[0] != 3*scale || a[1] != 4*scale {
			t.Errorf("scale %v: the projection of a point inside moves it to %v", scale, a)
		}
		prox.Norm[float64]{Rho: prox.Linear{Lambda: scale}}.Prox(a, a, 2)
		if math.Abs(a[0]/scale-1.8) > 1e-9 || math.Abs(a[1]/scale-2.4) > 1e-9 {
			t.Errorf("scale %v: soft threshold %v, want 1.8 and 2.4", scale, a)
		}
	}
	tiny := []float32{3e-40, 4e-40}
	prox.Norm[float32]{Rho: prox.ExpDecay{Lambda: 1, Scale: 1}}.Prox(tiny, tiny, 1)
	if r := math.Hypot(float64(tiny[0]), float64(tiny[1])); math.Abs(r-0.5671433) > 1e-4 {
		t.Errorf("from a subnormal vector: %v of length %v, want 0.567", tiny, r)
	}
	zero := []float64{0, 0}
	prox.Norm[float64]{Rho: prox.ShiftedQuadratic{Lambda: 1, Centre: 2}}.Prox(zero, zero, 1)
	if zero[0] != 1 || zero[1] != 0 {
		t.Errorf("from 0: %v, want length 1 along the first axis", zero)
	}
}

func TestLengthsThatDoNotFitPanic(t *testing.T) {
	for i, l := range laws[float64]() {
		func() {
			defer func() {
				if _, ok := recover().(*tensor.ShapeError); !ok {
					t.Errorf("%d %T takes slices of different lengths", i, l.penalty)
				}
			}()
			l.penalty.Prox(make([]float64, 3), make([]float64, 4), 1)
		}()
	}
}

func TestSeparablePiecesAreZeroLong(t *testing.T) {
	shape := []int{2, 3, 5}
	for _, c := range []struct {
		penalty prox.Penalty[float32]
		piece   int
	}{
		{prox.L1[float32]{}, 0}, {prox.Box[float32]{}, 0}, {prox.NonNegative[float32]{}, 0}, {prox.ElasticNet[float32]{}, 0},
		{prox.Norm[float32]{Rho: prox.RadialZero{}}, 30}, {prox.Norm[float32]{Rho: prox.RadialZero{}, Per: prox.PerRow}, 15},
		{prox.Translate[float32]{Of: prox.L1[float32]{}}, 30}, {prox.Scale[float32]{Of: prox.L1[float32]{}}, 0},
		{prox.MoreauEnvelope[float32]{Of: prox.L1[float32]{}}, 0},
	} {
		if got := c.penalty.Piece(shape); got != c.piece {
			t.Errorf("%T: pieces of %d, want %d", c.penalty, got, c.piece)
		}
	}
	if got := prox.PerRow.String() + prox.PerArray.String(); got != "rowarray" {
		t.Errorf("names %q", got)
	}
	scalar := prox.Norm[float32]{Rho: prox.RadialZero{}, Per: prox.PerRow}
	if got := scalar.Piece(nil); got != 1 {
		t.Errorf("a scalar has rows of %d", got)
	}
}

func TestBoxValues(t *testing.T) {
	box := prox.Box[float32]{Lo: 0, Hi: 1}
	for _, c := range []struct {
		x    []float32
		want float64
	}{{[]float32{0, 1}, 0}, {[]float32{0, 2}, math.Inf(1)}, {[]float32{2, float32(math.NaN())}, math.NaN()}} {
		if got := box.Value(c.x); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("value %v of %v, want %v", got, c.x, c.want)
		}
	}
}

func TestMirrorDomains(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		geometry prox.Mirror[float64]
		x        []float64
		code     string
	}{
		{prox.Bernoulli[float64]{}, []float64{-0.1}, "invalid_parameter"},
		{prox.Bernoulli[float64]{}, []float64{nan}, "invalid_parameter"},
		{prox.EntropyBox[float64]{Lo: 0, Hi: 2}, []float64{3}, "invalid_parameter"},
		{prox.EntropyBox[float64]{Lo: 2, Hi: 2}, []float64{2}, "invalid_parameter"},
		{prox.Orthant[float64]{}, []float64{-1}, "invalid_parameter"},
		{prox.Orthant[float64]{}, []float64{math.Inf(1)}, "invalid_parameter"},
		{prox.Simplex[float64]{}, []float64{0.5, 0.6}, "invalid_distribution"},
		{prox.Simplex[float64]{}, []float64{1.5, -0.5}, "invalid_distribution"},
		{prox.Simplex[float64]{}, []float64{nan, 1}, "invalid_distribution"},
	} {
		e := new(prox.DomainError)
		if err := c.geometry.ToDual(make([]float64, len(c.x)), c.x); !errors.As(err, &e) || e.Code != c.code {
			t.Errorf("%#v at %v: error %v", c.geometry, c.x, err)
		}
	}
	if _, err := (prox.EntropyBox[float64]{Lo: 1, Hi: 0}).Solver(prox.None[float64]{}); err == nil {
		t.Error("an empty box is not refused")
	}
	if _, err := (prox.Simplex[float64]{Per: 9}).Solver(prox.None[float64]{}); err == nil {
		t.Error("unknown pieces are not refused")
	}
}
