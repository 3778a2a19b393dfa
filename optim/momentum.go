package optim

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// HeavyBall is v ← Mu·v + g from v = 0, with direction v; 0 ≤ Mu < 1. Its slot
// is "velocity". With rate α it is [EMA] of Q = 1−Mu with rate α/Q.
// Source: Polyak 1964; PyTorch's SGD with momentum and no dampening.
type HeavyBall[F tensor.Float] struct{ Mu float64 }

// Validate refuses Mu outside [0, 1).
func (m HeavyBall[F]) Validate() error { return validMu("HeavyBall", m.Mu) }

// Gain is 1/(1−Mu): the velocity is that many gradients, if they stay the same.
func (m HeavyBall[F]) Gain() float64 { return 1 / (1 - m.Mu) }

// Slots is "velocity".
func (HeavyBall[F]) Slots() []string { return []string{"velocity"} }

// Direct updates the velocity and returns it.
func (m HeavyBall[F]) Direct(in Block[F], slots [][]F, _ Now) Block[F] {
	simd.HeavyBall(slots[0], in.gradient(), m.Mu)
	in.Direction, in.Times = slots[0], 1
	return in
}

// Nesterov is v ← Mu·v + g from v = 0, with direction g + Mu·v; 0 ≤ Mu < 1.
// Its slot is "velocity". The parameter is the look-ahead point.
// Source: Sutskever et al. 2013, in PyTorch's form; docs/ema-proximal-sgd.md.
type Nesterov[F tensor.Float] struct{ Mu float64 }

// Validate refuses Mu outside [0, 1).
func (m Nesterov[F]) Validate() error { return validMu("Nesterov", m.Mu) }

// Gain is 1/(1−Mu): the velocity is that many gradients, if they stay the same.
func (m Nesterov[F]) Gain() float64 { return 1 / (1 - m.Mu) }

// Slots is "velocity".
func (Nesterov[F]) Slots() []string { return []string{"velocity"} }

// Direct updates the velocity and returns g + Mu·v.
func (m Nesterov[F]) Direct(in Block[F], slots [][]F, _ Now) Block[F] {
	v := slots[0]
	g := in.gradient()
	simd.HeavyBall(v, g, m.Mu)
	simd.Scale(in.Scratch, g, 1)
	simd.AddScaled(in.Scratch, v, F(m.Mu))
	in.Direction, in.Times = in.Scratch, 1
	return in
}

func validMu(name string, mu float64) error {
	if !(mu >= 0 && mu < 1) {
		return invalid("%s.Mu is %v: want 0 ≤ Mu < 1", name, mu)
	}
	return nil
}
