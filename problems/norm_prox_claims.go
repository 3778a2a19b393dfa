package problems

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/prox"
)

// normProxStepAt is a proximal step of problem 6 on vectors.
type normProxStepAt struct {
	theta, g, a []float64 // a = θ − ε·g
	eps         float64
	rho         smooth
}

func drawNormProxStep(rng *rand.Rand, size int) normProxStepAt {
	n := 1 + rng.IntN(min(size, 3))
	s := normProxStepAt{niceVector(rng, size, n), niceVector(rng, size, n), make([]float64, n), float64(1+rng.IntN(4)) / 8, drawSmooth(rng, size)}
	for i := range s.a {
		s.a[i] = s.theta[i] - s.eps*s.g[i]
	}
	return s
}

func (s normProxStepAt) String() string {
	return fmt.Sprintf("ρ(r) = %s, θ = %v, g = %v, ε = %v", s.rho.formula, s.theta, s.g, s.eps)
}

// objective is what (18) minimises.
func (s normProxStepAt) objective(x []float64) float64 {
	sum := s.rho.At(norm(x))
	for i, v := range x {
		d := v - s.theta[i]
		sum += s.g[i]*d + d*d/(2*s.eps)
	}
	return sum
}

// toward is the vector of length l in the direction of a, or against it where
// l is negative.
func (s normProxStepAt) toward(l float64) []float64 {
	x := make([]float64, len(s.a))
	for i, v := range s.a {
		x[i] = l * v / norm(s.a)
	}
	return x
}

// least is the length of the best vector in the direction of a ≠ 0, by search.
func (s normProxStepAt) least() float64 {
	top := norm(s.a) + math.Sqrt(2*s.eps*s.rho.At(norm(s.a))) + 1
	l, _ := minimise(func(l float64) float64 { return s.objective(s.toward(l)) }, 0, top, 200)
	return l
}

func normProxClaims() []Claim {
	// minimised makes a claim of an equation that the best length l > 0 solves.
	minimised := func(residual func(s normProxStepAt, l, slope float64) float64) func(*rand.Rand, int) (bool, string) {
		return func(rng *rand.Rand, size int) (bool, string) {
			s := drawNormProxStep(rng, size)
			if norm(s.a) == 0 {
				return true, ""
			}
			l := s.least()
			if l < 1e-3 {
				return true, "" // at 0 the line does not apply
			}
			r := residual(s, l, slope(s.rho.At, l))
			return math.Abs(r) < 1e-4*(1+norm(s.a)), fmt.Sprintf("%s: the best length is %.6g; there the two sides differ by %.4g", s, l, r)
		}
	}
	return []Claim{
		{
			Line: "the statement, its form", Says: "for small ε the minimiser is l·a/‖a‖ with a positive root l of l + ε·ρ′(l) = ‖a‖", Right: false,
			Instead: "for small ε if θ ≠ 0; at θ = 0 the length of a shrinks with ε too, and for ρ = λ·r and ‖g‖ ≤ λ the minimiser is 0 for every ε",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				s := drawNormProxStep(rng, size)
				s.rho = smooth{prox.Linear{Lambda: 1}, "r"}
				if rng.IntN(2) == 0 {
					s.theta = make([]float64, len(s.g))
				}
				s.eps = 1. / (1 << 20)
				for i := range s.a {
					s.a[i] = s.theta[i] - s.eps*s.g[i]
				}
				return norm(s.a) > s.eps, fmt.Sprintf("ρ(r) = r, θ = %v, g = %v, ε = 2⁻²⁰: ‖a‖ = %.3g, and l + ε = ‖a‖ has no positive root", s.theta, s.g, norm(s.a))
			},
		},
		{
			Line: "(19), first line", Says: "the gradient of the objective is g + ρ′(‖θ′‖)·θ′/‖θ′‖ + (θ′ − θ)/ε", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				s := drawNormProxStep(rng, size)
				x := niceVector(rng, size, len(s.g))
				x[0] += math.Copysign(1, x[0])
				right, length := gradientOf(func() float64 { return s.objective(x) }, x), norm(x)
				for i, v := range x {
					said := s.g[i] + s.rho.Slope(length)*v/length + (v-s.theta[i])/s.eps
					if !near(said, right[i], 1e-6) {
						return false, fmt.Sprintf("%s, at %v: %v, differences give %v", s, x, said, right[i])
					}
				}
				return true, ""
			},
		},
		{
			Line: "(19), first line, as a condition", Says: "the minimiser is a point where this gradient is 0", Right: false,
			Instead: "or it is 0, where ‖θ′‖ has no gradient: so for ρ = λ·r whenever ‖a‖ ≤ ε·λ",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				s := drawNormProxStep(rng, size)
				lambda := nicePositive(rng, size)
				s.rho = smooth{prox.Linear{Lambda: lambda}, short(lambda) + "·r"}
				if norm(s.a) == 0 {
					return true, ""
				}
				return s.least() > 1e-9, fmt.Sprintf("%s: a = %v, and the minimiser is 0", s, s.a)
			},
		},
		{
			Line: "(19), second line", Says: "where the gradient is 0, (1 + ε·ρ′(‖θ′‖)/‖θ′‖)·θ′ = a", Right: true,
			Try: minimised(func(s normProxStepAt, l, slope float64) float64 { return (1+s.eps*slope/l)*l - norm(s.a) }),
		},
		{
			Line: "below (19)", Says: "the minimiser is proportional to a: of all vectors of one length, none is better than the one along a", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				s := drawNormProxStep(rng, size)
				if norm(s.a) == 0 {
					return true, ""
				}
				x := niceVector(rng, size, len(s.g))
				here, along := s.objective(x), s.objective(s.toward(norm(x)))
				return along <= here+1e-9*(1+math.Abs(here)), fmt.Sprintf("%s: %v at %v, %v along a", s, here, x, along)
			},
		},
		{
			Line: "the form, for every a", Says: "l·a/‖a‖ is a vector", Right: false,
			Instead: "for a ≠ 0; at a = 0 the minimiser is 0, or all vectors of the best length are",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				s := drawNormProxStep(rng, 1)
				return norm(s.a) > 0, fmt.Sprintf("%s: a = %v", s, s.a)
			},
		},
		{
			Line: "(20)", Says: "a minimiser of length l > 0 has l + ε·ρ′(l) = ‖a‖", Right: true,
			Try: minimised(func(s normProxStepAt, l, slope float64) float64 { return l + s.eps*slope - norm(s.a) }),
		},
		{
			Line: "below (20)", Says: "the bracket 1 + ε·ρ′(l)/l equals ‖a‖/l", Right: true,
			Try: minimised(func(s normProxStepAt, l, slope float64) float64 { return l * (1 + s.eps*slope/l - norm(s.a)/l) }),
		},
		{
			Line: "“a root”", Says: "every root of l + ε·ρ′(l) = ‖a‖ gives the minimiser", Right: false,
			Instead: "if the left side increases, as for convex ρ; else compare the objective at all roots and at 0",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				s := drawNormProxStep(rng, size)
				lambda := nicePositive(rng, size)
				s.rho = smooth{prox.Log{Lambda: lambda, Scale: 0.5}, short(lambda) + "·log(1 + 2r)"}
				a, k := norm(s.a), s.eps*lambda
				// (l − a)(l + 1/2) + k = 0
				under := (a+0.5)*(a+0.5) - 4*k
				root := (a - 0.5 - math.Sqrt(max(0, under))) / 2
				if under < 0 || root < 1e-9 {
					return true, "" // no root, or one
				}
				best := s.least()
				here, there := s.objective(s.toward(root)), s.objective(s.toward(best))
				return here <= there+1e-7, fmt.Sprintf("%s: l = %.4g is a root, with the objective %.6g; l = %.4g has %.6g", s, root, here, best, there)
			},
		},
		{
			Line: "the last sentence, its condition", Says: "for ε small enough ε·ρ′(‖θ′‖)/‖θ′‖ is positive, and that is what (20) needs", Right: false,
			Instead: "(20) needs 1 + ε·ρ′(l)/l > 0, which every minimiser has; ε·ρ′(l)/l has the sign of ρ′ for every ε",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				s := drawNormProxStep(rng, size)
				if norm(s.a) == 0 {
					return true, ""
				}
				l := s.least()
				if l < 1e-3 {
					return true, ""
				}
				r := slope(s.rho.At, l)
				return r >= 0, fmt.Sprintf("%s: l = %.4g solves (20), and ρ′(l) = %.4g is negative whatever ε", s, l, r)
			},
		},
		{
			Line: "the last sentence, its absolute value", Says: "where ρ′ is negative, the length has l + ε·|ρ′(l)| = ‖a‖", Right: false,
			Instead: "l + ε·ρ′(l) = ‖a‖ holds as it stands: the minimiser is longer than a",
			Try:     minimised(func(s normProxStepAt, l, slope float64) float64 { return l + s.eps*math.Abs(slope) - norm(s.a) }),
		},
		{
			Line: "the last sentence, its absolute value, for the bracket", Says: "where the bracket of (19) is negative, its absolute value in (20) gives the minimiser, which then points against a", Right: false,
			Instead: "such critical points exist, and none is a minimiser: the vector of the same length along a is better",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				s := drawNormProxStep(rng, size)
				strength := float64(8 * (1 + rng.IntN(4)))
				s.rho = smooth{prox.ExpDecay{Lambda: strength, Scale: 1}, short(strength) + "·exp(−r)"}
				a := norm(s.a)
				// l + ε·ρ′(l) = −‖a‖ on the way against a.
				equation := func(l float64) float64 { return l - s.eps*strength*math.Exp(-l) + a }
				if a == 0 || equation(0) >= 0 {
					return true, ""
				}
				l := 8 * rootOf(func(t float64) float64 { return equation(8 * t) })
				against, along := s.objective(s.toward(-l)), s.objective(s.toward(l))
				return against <= along+1e-9, fmt.Sprintf("%s: against a, l = %.4g is critical with the objective %.6g; along a the same length has %.6g", s, l, against, along)
			},
		},
		{
			Line: "the statement, corrected", Says: "for every ε > 0 and a ≠ 0 no vector is better than l·a/‖a‖, l the minimiser of ρ(l) + (l − ‖a‖)²/(2ε) over l ≥ 0", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				s := drawNormProxStep(rng, size)
				if norm(s.a) == 0 {
					return true, ""
				}
				top := norm(s.a) + math.Sqrt(2*s.eps*s.rho.At(norm(s.a))) + 1
				l, _ := minimise(func(l float64) float64 { return s.rho.At(l) + (l-norm(s.a))*(l-norm(s.a))/(2*s.eps) }, 0, top, 200)
				best := s.objective(s.toward(l))
				for range 4 {
					x := niceVector(rng, size, len(s.g))
					if s.objective(x) < best-1e-7*(1+math.Abs(best)) {
						return false, fmt.Sprintf("%s: %v is better", s, x)
					}
				}
				return true, ""
			},
		},
	}
}
