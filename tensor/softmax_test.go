package tensor

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestSoftmaxRows(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		row     []float64
		softmax []float64
		lse     float64
	}{
		{[]float64{0}, []float64{1}, 0},
		{[]float64{1000, 1000}, []float64{0.5, 0.5}, 1000 + math.Ln2},
		{[]float64{-1000, -1000 + math.Log(3)}, []float64{0.25, 0.75}, -1000 + math.Log(4)},
		{[]float64{-inf, 2}, []float64{0, 1}, 2},
		{[]float64{-inf, -inf}, []float64{nan, nan}, -inf},
		{[]float64{inf, 0}, []float64{nan, nan}, inf},
		{[]float64{nan, 0}, []float64{nan, nan}, nan},
		{[]float64{}, []float64{}, -inf},
	} {
		x := From(c.row, 1, len(c.row))
		y, lse := New[float64](1, len(c.row)), make([]float64, 1)
		Softmax(y, x)
		wantNear(t, "softmax", y.Data, c.softmax, 1e-12)
		LogSumExp(lse, x)
		wantNear(t, "log-sum-exp", lse, []float64{c.lse}, 1e-12)
		for i := range c.softmax {
			c.softmax[i] = math.Log(c.softmax[i])
		}
		LogSoftmax(y, x)
		wantNear(t, "log-softmax", y.Data, c.softmax, 1e-12)
	}
}

// wantNear compares elements up to tol, relative to what is larger than 1; NaN
// and infinities must be equal.
func wantNear[F Float](t *testing.T, what string, got []F, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d elements, want %d", what, len(got), len(want))
	}
	for i := range want {
		g, w := float64(got[i]), want[i]
		if g == w || g != g && w != w {
			continue
		}
		if !(math.Abs(g-w) <= tol*max(1, math.Abs(w))) {
			t.Errorf("%s: element %d is %v, want %v", what, i, g, w)
			return
		}
	}
}

// TestSoftmaxCrossEntropy holds losses against their definition and gradients
// against central differences, with and without smoothing.
func TestSoftmaxCrossEntropy(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, smoothing := range []float64{0, 0.1, 1} {
		for _, classes := range []int{1, 2, 10, 37} {
			logits, gradient := New[float64](5, classes), New[float64](5, classes)
			Normal(logits, rng, 0, 3)
			labels := []int{0, classes - 1, -1, classes / 2, 0}
			loss := make([]float64, 5)
			SoftmaxCrossEntropy(loss, gradient, logits, labels, smoothing)
			var want []float64
			for r, label := range labels {
				want = append(want, crossEntropyByDefinition(logits.Row(r), label, smoothing))
			}
			wantNear(t, "loss", loss, want, 1e-12)
			moved := make([]float64, 5)
			const h = 1e-5
			for i := range logits.Data {
				was := logits.Data[i]
				logits.Data[i] = was + h
				SoftmaxCrossEntropy(loss, nil, logits, labels, smoothing)
				logits.Data[i] = was - h
				SoftmaxCrossEntropy(moved, nil, logits, labels, smoothing)
				logits.Data[i] = was
				r := i / classes
				wantNear(t, "gradient", gradient.Data[i:i+1], []float64{(loss[r] - moved[r]) / (2 * h)}, 1e-8)
			}
		}
	}
}

func crossEntropyByDefinition(row []float64, label int, smoothing float64) float64 {
	if label < 0 {
		return 0
	}
	sum, loss := 0.0, 0.0
	for _, v := range row {
		sum += math.Exp(v)
	}
	for c, v := range row {
		target := smoothing / float64(len(row))
		if c == label {
			target += 1 - smoothing
		}
		loss -= target * (v - math.Log(sum))
	}
	return loss
}

func TestSoftmaxCrossEntropyFarLogits(t *testing.T) {
	logits := From([]float32{1e30, -1e30, 0, 0}, 2, 2)
	loss := make([]float32, 2)
	SoftmaxCrossEntropy(loss, logits, logits, []int{1, 0}, 0) // over the logits themselves
	wantNear(t, "loss", loss, []float64{float64(float32(1e30)) * 2, math.Ln2}, 1e-6)
	wantNear(t, "gradient", logits.Data, []float64{1, -1, -0.5, 0.5}, 1e-6)
}

func TestSoftmaxShapes(t *testing.T) {
	x := New[float32](2, 3)
	for name, f := range map[string]func(){
		"softmax":         func() { Softmax(New[float32](2, 2), x) },
		"log-sum-exp":     func() { LogSumExp(make([]float32, 3), x) },
		"losses":          func() { SoftmaxCrossEntropy(make([]float32, 1), nil, x, []int{0, 0}, 0) },
		"gradient":        func() { SoftmaxCrossEntropy(make([]float32, 2), New[float32](2, 2), x, []int{0, 0}, 0) },
		"label":           func() { SoftmaxCrossEntropy(make([]float32, 2), nil, x, []int{0, 3}, 0) },
		"row sums":        func() { RowSums(make([]float32, 3), x) },
		"column sums":     func() { ColumnSums(make([]float32, 4), x, false) },
		"row moments":     func() { RowMoments(make([]float64, 2), make([]float64, 1), x) },
		"channel moments": func() { ChannelMoments(make([]float64, 2), make([]float64, 2), x) },
		"pooling kernel": func() {
			MaxPool2D(New[float32](1, 1, 1, 1), nil, New[float32](1, 1, 2, 2), Pooling{Batch: 1, Channels: 1})
		},
		"pooling of scalar": func() { Softmax(New[float32](), New[float32]()) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if _, ok := recover().(*ShapeError); !ok {
					t.Error("no ShapeError")
				}
			}()
			f()
		})
	}
}
