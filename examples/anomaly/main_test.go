package main

import (
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/vae"
)

// Of a model of digits, letters score above digits, and new digits do not.
func TestAnomaliesScoreHigh(t *testing.T) {
	model := learn(draw("0123456789", 3000, 1), rand.New(rand.NewPCG(1, 1)))
	normal := scores(model, draw("0123456789", 300, 2))
	if s := vae.Separation(scores(model, draw("0123456789", 300, 3)), normal); s < 0.4 || s > 0.6 {
		t.Errorf("new digits score above digits with probability %.2f: want a half", s)
	}
	if s := vae.Separation(scores(model, draw("ABCDEFGHJKMNPQRSTUVWXYZ", 300, 4)), normal); s < 0.75 {
		t.Errorf("letters score above digits with probability %.2f: want at least 0.75", s)
	}
}
