package attack

import (
	"context"
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/tensor"
)

// Report is what an attack did to a batch, audited.
type Report[F tensor.Float] struct {
	Attack      Attack
	Adversarial *tensor.Tensor[F] // of the shape of the images
	Images      []Image
}

// Image is the audit of one adversarial example. Drops are of the
// log-probability of Label; a targeted attack, which raises it, has negative
// ones.
type Image struct {
	Label int // to leave, or to reach

	// The classes that the model predicts for the image, for the adversarial
	// example, and for the image with noise: -1 where a logit is NaN.
	Clean, Attacked, Noise int

	LogProb   float64 // of Label at the image
	Predicted float64 // drop by the linearisation at the image: −⟨∇ log p, δ⟩
	Drop      float64 // true drop
	NoiseDrop float64 // drop by random signs of the same norm as δ, in the box

	ZeroGradients int     // elements of the image whose gradient is 0
	Norm          float64 // of δ
	Feasible      bool    // Norm is at most one unit in the last place above the radius, and all elements are in the box
	Success       bool    // by prediction: a right answer became wrong, or the target was reached
}

// Robust reports whether the model is right about the image and stays so. It
// means nothing for a targeted attack.
func (i Image) Robust() bool { return i.Clean == i.Label && i.Attacked == i.Label }

// Run attacks x [batch, …] and audits the result: every example is measured
// and predicted anew. Errors are those of [Attacker.Perturb].
func (a *Attacker[F]) Run(ctx context.Context, x *tensor.Tensor[F], labels []int) (*Report[F], error) {
	r := &Report[F]{Attack: a.attack, Adversarial: tensor.New[F](x.Shape...), Images: make([]Image, len(labels))}
	if err := a.perturb(ctx, r.Adversarial, x, labels, nil); err != nil {
		return nil, err
	}
	for lo := 0; lo < len(labels); lo += batchSize {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		hi := min(lo+batchSize, len(labels))
		a.audit(r.Images[lo:hi], x.Rows(lo, hi), r.Adversarial.Rows(lo, hi), labels[lo:hi], lo)
	}
	return r, nil
}

// audit fills the images of one batch, whose first is image number first.
func (a *Attacker[F]) audit(images []Image, x, adv *tensor.Tensor[F], labels []int, first int) {
	g := a.search.gradients
	predict := func(x *tensor.Tensor[F], store func(image *Image, class int, logProb float64)) {
		g.values(x, labels, LogProbability)
		for i := range images {
			store(&images[i], argmax(g.logits.Value.Row(i)), g.value[i])
		}
	}
	g.at(x, labels, LogProbability)
	for i, y := range labels {
		image := &images[i]
		image.Label, image.Clean, image.LogProb = y, argmax(g.logits.Value.Row(i)), g.value[i]
		from, to := x.Row(i), adv.Row(i)
		image.Feasible = true
		slope := 0.0
		delta := make([]float64, len(from))
		for j, v := range g.x.Grad.Row(i) {
			delta[j] = float64(to[j]) - float64(from[j])
			slope += float64(v) * delta[j]
			if v == 0 {
				image.ZeroGradients++
			}
			image.Feasible = image.Feasible && float64(to[j]) >= a.attack.Box.Lo && float64(to[j]) <= a.attack.Box.Hi
		}
		image.Predicted = -g.factor[i] * slope
		image.Norm = Norm(delta, a.attack.Ball.P)
		image.Feasible = image.Feasible && image.Norm <= a.attack.Ball.Radius*(1+epsilon[F]())
	}
	predict(adv, func(image *Image, class int, logProb float64) {
		image.Attacked, image.Drop = class, image.LogProb-logProb
		image.Success = image.Clean == image.Label && class != image.Label
		if a.attack.Targeted {
			image.Success = class == image.Label
		}
	})
	noise := x.Clone()
	var w worker
	for i := range images {
		rng := w.random.stream(^a.attack.Seed, 0, first+i)
		signNoise(&w.solver, noise.Row(i), Ball{a.attack.Ball.P, images[i].Norm}, a.attack.Box, rng.Uint64)
	}
	predict(noise, func(image *Image, class int, logProb float64) {
		image.Noise, image.NoiseDrop = class, image.LogProb-logProb
	})
}

// epsilon is one unit in the last place of 1.
func epsilon[F tensor.Float]() float64 {
	if _, ok := any(F(0)).(float32); ok {
		return 0x1p-23
	}
	return 0x1p-52
}

// signNoise moves every element of x by the same distance in a random
// direction, or by what the box allows, so that the norm is the ball's radius.
func signNoise[F tensor.Float](s *solver, x []F, ball Ball, box Box, bits func() uint64) {
	s.reset(len(x))
	for j := range x {
		s.g[j] = 1
		if bits()&1 == 0 {
			s.g[j] = -1
		}
	}
	rooms(s.room, s.g, x, box)
	if math.IsInf(ball.P, 1) {
		s.minimise(ball.P, ball.Radius)
	} else {
		s.levels(ball.P, ball.Radius, 1)
		for j, g := range s.g {
			s.delta[j] *= -g
		}
	}
	for j, v := range x {
		x[j] = moved(v, s.delta[j], box)
	}
}

// Summary counts a report.
type Summary struct {
	Attack        string  `json:"attack"`
	Images        int     `json:"images"`
	Clean         float64 `json:"clean_accuracy"`
	Noise         float64 `json:"noise_accuracy"`
	Robust        float64 `json:"robust_accuracy"` // upper bound: right before and after this attack
	Successes     int     `json:"successes"`
	Predicted     float64 `json:"mean_predicted_drop"`
	Drop          float64 `json:"mean_drop"`
	NoiseDrop     float64 `json:"mean_noise_drop"`
	ZeroGradients float64 `json:"zero_gradients"` // share of all elements
	Blind         int     `json:"blind"`          // images whose whole gradient is 0
	Infeasible    int     `json:"infeasible"`     // outside the ball or the box: always 0
}

// Summary counts the report. Means are over images, 0 if there are none.
func (r *Report[F]) Summary() Summary {
	s := Summary{Attack: r.Attack.String(), Images: len(r.Images)}
	if len(r.Images) == 0 {
		return s
	}
	one := 1 / float64(len(r.Images))
	for _, image := range r.Images {
		add := func(to *float64, condition bool) {
			if condition {
				*to += one
			}
		}
		add(&s.Clean, image.Clean == image.Label)
		add(&s.Noise, image.Noise == image.Label)
		add(&s.Robust, image.Robust())
		s.Predicted += one * image.Predicted
		s.Drop += one * image.Drop
		s.NoiseDrop += one * image.NoiseDrop
		size := len(r.Adversarial.Data) / len(r.Images)
		s.ZeroGradients += one * float64(image.ZeroGradients) / float64(max(size, 1))
		if image.ZeroGradients == size {
			s.Blind++
		}
		if image.Success {
			s.Successes++
		}
		if !image.Feasible {
			s.Infeasible++
		}
	}
	return s
}

// String is the audit in a line.
func (r *Report[F]) String() string { return r.Summary().String() }

// String is the audit in a line.
func (s Summary) String() string {
	return fmt.Sprintf("%s: %d of %d images succeeded; accuracy %.1f%% clean, %.1f%% noise, %.1f%% attacked; "+
		"log-probability falls by %.3g (predicted %.3g, noise %.3g); %.1f%% of gradients 0, %d images blind, %d infeasible",
		s.Attack, s.Successes, s.Images, 100*s.Clean, 100*s.Noise, 100*s.Robust,
		s.Drop, s.Predicted, s.NoiseDrop, 100*s.ZeroGradients, s.Blind, s.Infeasible)
}

// Robust returns the share of the images that the model is right about before
// and after the attack: an upper bound of robust accuracy.
func (r *Report[F]) Robust() float64 { return r.Summary().Robust }
