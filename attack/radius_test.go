package attack_test

import (
	"math"
	"testing"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// The distance of a point to the line between two classes is known.
func TestSmallestRadiusOfALine(t *testing.T) {
	l := &nn.Linear[float64]{Weight: nn.NewParam[float64](2, 2), Bias: nn.NewParam[float64](2)}
	copy(l.Weight.Value.Data, []float64{3, 4, 0, 0}) // class 0 where 3x + 4y > 2
	copy(l.Bias.Value.Data, []float64{-2, 0})
	x := tensor.From([]float64{0.6, 0.6, 0.1, 0.2, 1, 1}, 3, 2)
	for p, want := range map[float64][]float64{
		2:           {2.2 / 5, 0, math.Inf(1)},
		1:           {2.2 / 4, 0, math.Inf(1)},
		math.Inf(1): {2.2 / 7, 0, 5. / 7},
	} {
		attacker, err := attack.New[float64](l, attack.FGSM(attack.Lp(p, 0.8), attack.Unit()))
		if err != nil {
			t.Fatal(err)
		}
		flips, found, err := attacker.SmallestRadius(t.Context(), x, []int{0, 0, 0}, 1e-4)
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			got := flips[i]
			if got.Radius != w && !(got.Radius >= w && got.Radius <= w*(1+1e-4)) {
				t.Errorf("p = %v, image %d: %+v, want %v", p, i, got, w)
			}
			at := found.Row(i)
			if flipped := 3*at[0]+4*at[1] <= 2; flipped != !math.IsInf(w, 1) {
				t.Errorf("p = %v, image %d: the example is %v", p, i, at)
			}
			if math.IsInf(w, 1) && got.Failed != 0.8 {
				t.Errorf("p = %v, image %d: %+v, want a failure at 0.8", p, i, got)
			}
		}
	}
	attacker, err := attack.New[float64](l, attack.FGSM(attack.L2(1), attack.Unit()))
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []float64{0, 1, math.NaN()} {
		if _, _, err := attacker.SmallestRadius(t.Context(), x, []int{0, 0, 0}, bad); err == nil {
			t.Errorf("tolerance %v: no error", bad)
		}
	}
}

// The curve falls from the clean accuracy, lies above the certified one, and
// agrees with the smallest radii.
func TestCurveLiesAboveCertificates(t *testing.T) {
	model, x, labels := small[float32](8, 50)
	labels[0], labels[1] = (labels[0]+1)%4, (labels[1]+1)%4 // two wrong ones
	pgd := attack.PGD(attack.LInf(0.1), attack.Unit(), 10, 0.02)
	attacker, err := attack.New(model, pgd)
	if err != nil {
		t.Fatal(err)
	}
	radii := []float64{0, 0.001, 0.01, 0.03, 0.1, 0.5}
	curve, err := attacker.Curve(t.Context(), x, labels, radii)
	if err != nil {
		t.Fatal(err)
	}
	certifier, err := attack.NewCertifier(model, []int{20})
	if err != nil {
		t.Fatal(err)
	}
	proved, err := certifier.Curve(t.Context(), x, labels, math.Inf(1), radii, attack.Unit(), attack.IBP)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := certifier.Curve(t.Context(), x, labels, math.Inf(1), []float64{0.2, 0.1}, attack.Unit(), attack.IBP); err == nil {
		t.Error("radii that fall are not refused")
	}
	last := 48. / 50
	for i, point := range curve {
		if !(point.Robust <= last+1e-12) || point.Noise < point.Robust-1e-12 {
			t.Errorf("%+v after %v", point, last)
		}
		last = point.Robust
		shares := map[attack.Method]float64{}
		for _, method := range append(methods, attack.Cascade) {
			certificates, err := certifier.Certify(t.Context(), x, labels, attack.LInf(point.Radius), attack.Unit(), method)
			if err != nil {
				t.Fatal(err)
			}
			if shares[method] = attack.CertifiedShare(certificates); shares[method] > point.Robust+1e-12 {
				t.Errorf("%v certifies %v, attacked %v", method, shares[method], point)
			}
		}
		if proved[i] != shares[attack.IBP] { // whose intervals are nested
			t.Errorf("radius %v: the curve certifies %v, IBP %v", point.Radius, proved[i], shares[attack.IBP])
		}
		if shares[attack.Cascade] != shares[attack.CROWN] {
			t.Errorf("radius %v: the cascade certifies %v, CROWN %v", point.Radius, shares[attack.Cascade], shares[attack.CROWN])
		}
		if point.Radius == 0 && (math.Abs(point.Robust-48./50) > 1e-12 || shares[attack.CROWN] != 48./50) {
			t.Errorf("radius 0: %+v, certified %v", point, shares[attack.CROWN])
		}
	}
	if last > 0.2 {
		t.Errorf("at radius 0.5 %v are robust", last)
	}
	if _, err := attacker.Curve(t.Context(), x, labels, []float64{0.2, 0.1}); err == nil {
		t.Error("falling radii: no error")
	}
	if _, err := attacker.Curve(t.Context(), x, labels, []float64{-1}); err == nil {
		t.Error("negative radius: no error")
	}
}
