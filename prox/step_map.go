package prox

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
)

// ProximalStep returns ε′ = ε/(1−λε), the step of equation (12) of problem 3
// that moves as the explicit step (9) of size ε does:
//
//	(1−ελ)·θ − ε·s = (θ − ε′·s)/(1 + ε′λ).
//
// It holds for any direction s and for a different ε in each step. Near λε = 1
// it is ill-conditioned: prefer (9) itself there. It returns a [*DomainError]
// of code "no_positive_step" if λε ≥ 1. Source: docs/ema-proximal-sgd.md.
func ProximalStep(eps, lambda float64) (float64, error) {
	if err := CheckStep(eps); err != nil {
		return 0, err
	}
	if err := nonNegative("lambda", lambda); err != nil {
		return 0, err
	}
	if lambda*eps >= 1 {
		return 0, domain.Errorf(domain.NoPositiveStep, "prox: lambda·step is %v: want less than 1, or no positive proximal step corresponds", lambda*eps)
	}
	return eps / math.FMA(-lambda, eps, 1), nil // 1 − λε rounded once: all digits near λε = 1
}

// ExplicitStep returns ε = ε′/(1+λε′) < 1/λ, the inverse of [ProximalStep]: every
// proximal step is a stable explicit one.
func ExplicitStep(epsPrime, lambda float64) (float64, error) {
	if err := CheckStep(epsPrime); err != nil {
		return 0, err
	}
	if err := nonNegative("lambda", lambda); err != nil {
		return 0, err
	}
	return epsPrime / (1 + lambda*epsPrime), nil
}
