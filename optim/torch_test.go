package optim_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
)

// TestTorch holds the rules to PyTorch's, step for step. testdata/torch.json is
// made by bench/peers/optim_golden.py.
func TestTorch(t *testing.T) {
	text, err := os.ReadFile("testdata/torch.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Q     [][]float64
		C     []float64
		Start []float64
		Paths map[string][][]float64 `json:"theta_after_each_step"`
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	coupled := optim.Decay{Form: optim.Coupled, Lambda: 0.1}
	sgdCoupled, momentumCoupled := optim.SGDStep[float64](0.05), optim.MomentumStep[float64](0.02)
	sgdCoupled.Decay, momentumCoupled.Decay = coupled, coupled
	ema := optim.SGDStep[float64](0.05)
	ema.Estimator = optim.EMA[float64]{Q: 0.1, Start: optim.FromFirstGradient}
	adamCoupled := optim.AdamStep[float64](0.01)
	adamCoupled.Decay = coupled
	clipped := sgdCoupled
	clipped.Estimator = optim.ClipNorm[float64]{Max: 0.5}
	steps := map[string]optim.Step[float64]{
		"sgd":                optim.SGDStep[float64](0.05),
		"sgd_coupled":        sgdCoupled,
		"momentum":           optim.MomentumStep[float64](0.02),
		"momentum_coupled":   momentumCoupled,
		"nesterov":           optim.NesterovStep[float64](0.02),
		"ema_first_gradient": ema,
		"adam":               optim.AdamStep[float64](0.01),
		"adam_coupled":       adamCoupled,
		"adamw":              optim.AdamWStep[float64](0.01, 0.1),
		"sgd_clipped":        clipped,
	}
	if len(steps) != len(golden.Paths) {
		t.Errorf("%d steps for %d golden paths", len(steps), len(golden.Paths))
	}
	for name, step := range steps {
		t.Run(name, func(t *testing.T) {
			p := nn.NewParam[float64](3)
			copy(p.Value.Data, golden.Start)
			p.Grad = tensor.New[float64](3)
			o := build(t, []*nn.Param[float64]{p}, step)
			for at, want := range golden.Paths[name] {
				for i, row := range golden.Q {
					p.Grad.Data[i] = -golden.C[i]
					for j, q := range row {
						p.Grad.Data[i] += q * p.Value.Data[j]
					}
				}
				take(t, o)
				for i, w := range want {
					// Clipping in PyTorch divides by the norm plus 1e-6.
					if got := p.Value.Data[i]; math.Abs(got-w) > 1e-5*math.Abs(w) {
						t.Fatalf("step %d: θ[%d] is %v, PyTorch has %v", at+1, i, got, w)
					}
				}
			}
			if len(golden.Paths[name]) != 100 {
				t.Errorf("%d golden steps", len(golden.Paths[name]))
			}
		})
	}
}
