package main

import (
	"testing"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/train"
)

// Training on attacked digits keeps more of them under attack.
func TestLearn(t *testing.T) {
	a := attack.PGD(attack.LInf(0.1), attack.Unit(), 3, 0.05)
	a.RandomStart = true
	_, natural, err := learn(t.Context(), 3000, nil, a)
	if err != nil {
		t.Fatal(err)
	}
	_, robust, err := learn(t.Context(), 3000, &train.Adversarial{Attack: a, WarmUp: 60}, a)
	if err != nil {
		t.Fatal(err)
	}
	if robust < natural+0.1 {
		t.Errorf("accuracy under attack %v after training on attacked digits, %v without: want a tenth more", robust, natural)
	}
}
