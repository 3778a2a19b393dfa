package moments

import "math"

// Function is a function of one number that a layer applies to every element.
type Function struct {
	Name  string
	Value func(float64) float64

	// Slope is the derivative; where it is nil differences are taken, which
	// are good to about 9 digits.
	Slope func(float64) float64

	conventional float64 // the gain in PyTorch's table, 0 where it has none
	rectifier    bool    // x for x > 0, else below·x: has closed forms
	below        float64
}

// Identity is x.
func Identity() Function {
	f := LeakyReLU(1)
	f.Name, f.conventional = "identity", 1
	return f
}

// ReLU is max(x, 0).
func ReLU() Function {
	f := LeakyReLU(0)
	f.Name = "relu"
	return f
}

// LeakyReLU is x where x > 0, else slope·x.
func LeakyReLU(slope float64) Function {
	return Function{
		Name: "leaky_relu",
		Value: func(x float64) float64 {
			if x > 0 {
				return x
			}
			return slope * x
		},
		Slope: func(x float64) float64 {
			if x > 0 {
				return 1
			}
			return slope
		},
		conventional: math.Sqrt(2 / (1 + slope*slope)),
		rectifier:    true, below: slope,
	}
}

// Tanh is the hyperbolic tangent.
func Tanh() Function {
	return Function{Name: "tanh", Value: math.Tanh, Slope: func(x float64) float64 {
		c := 1 / math.Cosh(x)
		return c * c
	}, conventional: 5. / 3}
}

// Sigmoid is 1/(1 + e^−x).
func Sigmoid() Function {
	return Function{Name: "sigmoid", Value: sigmoid, Slope: func(x float64) float64 {
		return sigmoid(x) * sigmoid(-x)
	}, conventional: 1}
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Softplus is log(1 + eˣ).
func Softplus() Function {
	return Function{Name: "softplus", Value: func(x float64) float64 {
		return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
	}, Slope: sigmoid}
}

// SiLU is x·sigmoid(x).
func SiLU() Function {
	return Function{Name: "silu", Value: func(x float64) float64 { return x * sigmoid(x) }, Slope: func(x float64) float64 {
		return sigmoid(x) * (1 + x*sigmoid(-x))
	}}
}

// GELU is x·Φ(x), Φ the distribution function of the standard normal.
func GELU() Function {
	return Function{Name: "gelu", Value: func(x float64) float64 { return x * normalCDF(x) }, Slope: func(x float64) float64 {
		return normalCDF(x) + x*normalDensity(x)
	}}
}

// GELUTanh is GELU with ½·(1 + tanh(√(2/π)·(x + 0.044715·x³))) for Φ.
func GELUTanh() Function {
	const c = 0.044715
	inner := func(x float64) float64 { return math.Sqrt(2/math.Pi) * (x + c*x*x*x) }
	return Function{Name: "gelu_tanh", Value: func(x float64) float64 { return x * sigmoid(2*inner(x)) }, Slope: func(x float64) float64 {
		s := sigmoid(2 * inner(x))
		return s + 2*x*s*sigmoid(-2*inner(x))*math.Sqrt(2/math.Pi)*(1+3*c*x*x)
	}}
}

func normalCDF(x float64) float64     { return math.Erfc(-x/math.Sqrt2) / 2 }
func normalDensity(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }

// FunctionNamed returns the function of a name in files and on the command
// line: identity, relu, leaky_relu (with its slope), tanh, sigmoid, softplus,
// silu, gelu or gelu_tanh.
func FunctionNamed(name string, slope float64) (Function, error) {
	if name == "leaky_relu" {
		if err := checkFinite(number{"alpha", slope}); err != nil {
			return Function{}, err
		}
		return LeakyReLU(slope), nil
	}
	for _, f := range []Function{Identity(), ReLU(), Tanh(), Sigmoid(), Softplus(), SiLU(), GELU(), GELUTanh()} {
		if f.Name == name {
			return f, nil
		}
	}
	return Function{}, invalid("activation %q: want identity, relu, leaky_relu, tanh, sigmoid, softplus, silu, gelu or gelu_tanh", name)
}

// slope is the derivative at x.
func (f Function) slope(x float64) float64 {
	if f.Slope != nil {
		return f.Slope(x)
	}
	h := 1e-4 * max(1, math.Abs(x))
	return (8*(f.Value(x+h)-f.Value(x-h)) - (f.Value(x+2*h) - f.Value(x-2*h))) / (12 * h)
}

// then is g(f(x)).
func (f Function) then(g Function) Function {
	return Function{
		Name:  g.Name + " of " + f.Name,
		Value: func(x float64) float64 { return g.Value(f.Value(x)) },
		Slope: func(x float64) float64 { return g.slope(f.Value(x)) * f.slope(x) },
	}
}
