package attack_test

import (
	"context"
	"fmt"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

func Example() {
	// Class 0 wins where 3x + 4y > 2.
	model := &nn.Linear[float32]{Weight: nn.NewParam[float32](2, 2), Bias: nn.NewParam[float32](2)}
	copy(model.Weight.Value.Data, []float32{3, 4, 0, 0})
	copy(model.Bias.Value.Data, []float32{-2, 0})
	images, labels := tensor.From([]float32{0.5, 0.5, 0.3, 0.3, 0.1, 0.2}, 3, 2), []int{0, 0, 1}

	ctx, ball := context.Background(), attack.LInf(0.1)
	attacker, err := attack.New[float32](model, attack.FGSM(ball, attack.Unit()))
	if err != nil {
		panic(err)
	}
	report, err := attacker.Run(ctx, images, labels)
	if err != nil {
		panic(err)
	}
	certifier, err := attack.NewCertifier[float32](model, []int{2})
	if err != nil {
		panic(err)
	}
	certificates, err := certifier.Certify(ctx, images, labels, ball, attack.Unit(), attack.CROWN)
	if err != nil {
		panic(err)
	}
	for i, image := range report.Images {
		fmt.Printf("class %d, attacked %d, margin at least %.2f\n", image.Clean, image.Attacked, certificates[i].Margin)
	}
	fmt.Printf("robust accuracy is in [%.2f, %.2f]\n", attack.CertifiedShare(certificates), report.Robust())
	// Output:
	// class 0, attacked 0, margin at least 0.80
	// class 0, attacked 1, margin at least -0.60
	// class 1, attacked 1, margin at least 0.20
	// robust accuracy is in [0.67, 0.67]
}

func ExampleMinimise() {
	// The room of the steepest element, 0.2, is used up first.
	x, g := []float64{0.2, 0.5, 0.5}, []float64{3, -2, 1}
	adv := make([]float64, 3)
	value, err := attack.Minimise(adv, x, g, attack.L1(0.5), attack.Unit())
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.1f, value %.1f\n", adv, value)
	// Output: [0.0 0.8 0.5], value -1.2
}
