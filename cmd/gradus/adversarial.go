package main

import (
	"context"
	"math"
	"strconv"
	"strings"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/train"
)

// adversarialFlags choose the attack on each batch of training.
type adversarialFlags struct {
	Adversarial       string  `placeholder:"ATTACK" help:"Learn from attacked examples: fgsm:EPS[,STEP] or pgd:EPS,STEPS[,STEP]; lengths in the units of the data."`
	AdversarialWarmUp float64 `default:"0.3" placeholder:"PART" help:"Part of training over which EPS rises from 0 to its value (default: ${default})."`
}

// attackForms is what --adversarial may be.
const attackForms = "fgsm:EPS[,STEP] or pgd:EPS,STEPS[,STEP], such as pgd:0.3,10"

// adversarial makes the attack for a run of so many steps; nil is none.
func (f adversarialFlags) adversarial(steps int, box attack.Box, seed uint64) (*train.Adversarial, error) {
	if !(f.AdversarialWarmUp >= 0 && f.AdversarialWarmUp <= 1) {
		return nil, badInputf("--adversarial-warm-up %v: want a part of training, 0 to 1", f.AdversarialWarmUp)
	}
	if f.Adversarial == "" {
		return nil, nil
	}
	a, err := parseAttack(f.Adversarial, box)
	if err != nil {
		return nil, err
	}
	a.RandomStart, a.Seed = true, seed
	return &train.Adversarial{Attack: a, WarmUp: int(math.Round(f.AdversarialWarmUp * float64(steps)))}, nil
}

// parseAttack reads --adversarial. The one step of fgsm is a quarter longer
// than the radius, so that it reaches the ball's surface from most of the
// random points that it begins at; the steps of pgd together are 2½ radii long.
func parseAttack(text string, box attack.Box) (attack.Attack, error) {
	name, rest, _ := strings.Cut(text, ":")
	var numbers []float64
	for word := range strings.SplitSeq(rest, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(word), 64)
		if err != nil || !(v > 0 && v <= math.MaxFloat64) {
			return attack.Attack{}, badInputf("--adversarial %s: %q: want a number above 0, in %s", text, word, attackForms)
		}
		numbers = append(numbers, v)
	}
	ball := attack.LInf(numbers[0])
	switch n := len(numbers); {
	case name == "fgsm" && n == 1:
		return attack.PGD(ball, box, 1, 1.25*ball.Radius), nil
	case name == "fgsm" && n == 2:
		return attack.PGD(ball, box, 1, numbers[1]), nil
	case name == "pgd" && (n == 2 || n == 3):
		steps := int(numbers[1])
		if float64(steps) != numbers[1] || steps > maxAttackSteps {
			return attack.Attack{}, badInputf("--adversarial %s: %v steps: want a whole number from 1 to %d", text, numbers[1], maxAttackSteps)
		}
		if n == 2 {
			numbers = append(numbers, 2.5*ball.Radius/float64(steps))
		}
		return attack.PGD(ball, box, steps, numbers[2]), nil
	}
	return attack.Attack{}, badInputf("--adversarial %s: want %s", text, attackForms)
}

// attackedExamples is how many held-out examples are attacked after training.
const attackedExamples = 500

// attacked measures the finished model under the attack that it was trained
// against; nil if there was none.
func (r *trainingRun) attacked(ctx context.Context, term *terminal) (*train.Metrics, error) {
	if r.config.Adversarial == nil {
		return nil, nil
	}
	test, measured := term.watch(dataset.First(r.test, attackedExamples))
	defer measured()
	return train.EvaluateAttacked(ctx, r.model, test, r.config.Adversarial.Attack)
}

// maxAttackSteps is far beyond what helps.
const maxAttackSteps = 10000
