package attack_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

func perceptron(rng *rand.Rand) nn.Sequential[float32] {
	return nn.Sequential[float32]{
		nn.NewLinear[float32](784, 512, rng), nn.ReLU[float32]{},
		nn.NewLinear[float32](512, 256, rng), nn.ReLU[float32]{},
		nn.NewLinear[float32](256, 10, rng),
	}
}

func BenchmarkStep(b *testing.B) {
	for name, ball := range map[string]attack.Ball{"LInf": attack.LInf(0.1), "L2": attack.L2(1), "L1": attack.L1(10)} {
		for kind, a := range map[string]attack.Attack{
			"FGSM": attack.FGSM(ball, attack.Unit()), "PGD": attack.PGD(ball, attack.Unit(), 1, ball.Radius/2),
		} {
			b.Run(kind+name, func(b *testing.B) {
				rng := rand.New(rand.NewPCG(1, 1))
				attacker, err := attack.New[float32](perceptron(rng), a)
				if err != nil {
					b.Fatal(err)
				}
				x, adv := randomBatch[float32](rng, 128, []int{784}), tensor.New[float32](128, 784)
				labels := make([]int, 128)
				b.ReportAllocs()
				for b.Loop() {
					if err := attacker.Perturb(b.Context(), adv, x, labels); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkCertify(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	model := perceptron(rng)
	x := randomBatch[float32](rng, 4, []int{784})
	labels := predictions[float32](model, x)
	certifier, err := attack.NewCertifier[float32](model, []int{784})
	if err != nil {
		b.Fatal(err)
	}
	for _, method := range methods {
		b.Run(method.String(), func(b *testing.B) {
			for b.Loop() {
				if _, err := certifier.Certify(b.Context(), x, labels, attack.LInf(0.01), attack.Unit(), method); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
