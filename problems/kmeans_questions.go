package problems

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/kmeans"
	"github.com/gradus-ml/gradus/tensor"
)

// drawUpdate draws an example, the nearest center y, a rate and a coordinate.
func drawUpdate(rng *rand.Rand, size int) Instance {
	n := 1 + rng.IntN(min(size, 4))
	return Instance{
		"x": niceVector(rng, size, n), "y": niceVector(rng, size, n), "alpha": float64(1+rng.IntN(8)) / 8,
		"eta": float64(1+rng.IntN(8)) / 16, "n": float64(n), "j": float64(1 + rng.IntN(n)),
	}
}

// learned is the only center after one example at a constant rate.
func learned(x, y []float64, alpha float64) []float64 {
	o, err := kmeans.NewTracker(tensor.From(y, 1, len(y)), kmeans.ConstantRate(alpha))
	if err == nil {
		err = o.Learn(context.Background(), tensor.From(x, 1, len(x)), nil)
	}
	if err != nil {
		panic(err) // Draw left the domain
	}
	return o.Centers.Data
}

// centerGradient is the gradient of min_k ‖x − y_k‖² in the only center y.
func centerGradient(x, y []float64) []float64 {
	_, _, g, err := kmeans.Gradient(x, tensor.From(y, 1, len(y)))
	if err != nil {
		panic(err) // Draw left the domain
	}
	return g.Data
}

func kmeansQuestions() []Question {
	coordinate := []Variable{{"x", "the example, n numbers", 1}, {"y", "its nearest center, n numbers", 1}, {"n", "the number of coordinates", 0}, {"j", "the coordinate asked for", 0}}
	return []Question{
		{
			Name:      "gradient",
			Prompt:    "f is the least of the ‖x − y_k‖² over the centers. What is ∂f/∂y_j for the coordinate j of the nearest center y?",
			Hints:     []string{"Near a point without ties f is ‖x − y‖² of that one center.", "Differentiate (x_j − y_j)² in y_j; mind the inner sign."},
			Variables: coordinate, Draw: drawUpdate,
			Exact: func(at Instance) float64 {
				return centerGradient(at["x"].([]float64), at["y"].([]float64))[index(at, "j")]
			},
			Answers: []string{"2*(y[j] - x[j])", "-2*(x[j] - y[j])", "2*y[j] - 2*x[j]"},
			Mistakes: []Mistake{
				{"2*(x[j] - y[j])", "the inner derivative's sign: y_j enters with a minus"},
				{"y[j] - x[j]", "the factor 2 of the square"},
				{"2*sum(i, 1, n, y[i] - x[i])", "no sum: only coordinate j depends on y_j"},
			},
		},
		{
			Name:      "update",
			Prompt:    "An example x arrives, y is its nearest center, and the rate is α. What is the new y_j?",
			Hints:     []string{"The center moves towards the example.", "It covers the part α of the way."},
			Variables: append(coordinate[:len(coordinate):len(coordinate)], Variable{"alpha", "the rate, 0 < α ≤ 1", 0}),
			Draw:      drawUpdate,
			Exact: func(at Instance) float64 {
				return learned(at["x"].([]float64), at["y"].([]float64), at["alpha"].(float64))[index(at, "j")]
			},
			Answers: []string{"y[j] + alpha*(x[j] - y[j])", "(1-alpha)*y[j] + alpha*x[j]", "y[j] - alpha*(y[j] - x[j])"},
			Mistakes: []Mistake{
				{"y[j] - alpha*(x[j] - y[j])", "the center moves away from the example"},
				{"alpha*y[j] + (1-alpha)*x[j]", "the two weights are exchanged"},
				{"y[j] + 2*alpha*(x[j] - y[j])", "α has the 2 of the gradient in it already: α = 2η"},
				{"y[j] + alpha*x[j]", "the old center does not fade"},
			},
		},
		{
			Name:      "rate",
			Prompt:    "A gradient step of size η on ‖x − y‖² moves y to y + α(x − y). What is α?",
			Hints:     []string{"The gradient is 2(y − x).", "y − η·2(y − x) = y + 2η(x − y)."},
			Variables: []Variable{{"eta", "the gradient step's size", 0}},
			Draw:      drawUpdate,
			Exact:     func(at Instance) float64 { return -at["eta"].(float64) * centerGradient([]float64{1}, []float64{0})[0] },
			Answers:   []string{"2*eta", "eta + eta", "eta/0.5"},
			Mistakes:  []Mistake{{"eta", "the factor 2 of the gradient is absorbed without a word"}, {"eta/2", "divided where it should be multiplied"}},
		},
		{
			Name:      "mean",
			Prompt:    "A center shall always be the mean of the examples it has won so far. The current one is its n-th. What is the rate α?",
			Hints:     []string{"The mean of n numbers is the mean of n − 1 of them, moved towards the last.", "Each of n examples has the same weight."},
			Variables: []Variable{{"n", "how many it has won, this one included", 0}},
			Draw:      func(rng *rand.Rand, size int) Instance { return Instance{"n": float64(1 + rng.IntN(size+3))} },
			Exact: func(at Instance) float64 {
				n := int(at["n"].(float64))
				rows := make([]float64, n)
				rows[n-1] = 1 // the others are 0, so that the center ends at the rate of the last
				o, err := kmeans.NewOnline(tensor.From([]float64{0}, 1, 1), kmeans.InverseCount())
				if err == nil {
					err = o.Learn(context.Background(), tensor.From(rows, n, 1), nil)
				}
				if err != nil {
					return math.NaN()
				}
				return o.Centers.Data[0]
			},
			Answers:  []string{"1/n", "n^(-1)"},
			Mistakes: []Mistake{{"1/(n+1)", "that counts the start as an example"}, {"1/n^2", "these rates have a finite sum: the center stalls"}, {"1/sqrt(n)", "then late examples weigh more than early ones"}},
		},
		{
			Name:      "stationary",
			Prompt:    "At a constant rate α the center keeps moving. Its examples are independent with variance v. What variance does the center settle at?",
			Hints:     []string{"y ← (1 − α)y + αx: the variances of independent terms add up.", "V = (1 − α)²V + α²v."},
			Variables: []Variable{{"alpha", "the rate, 0 < α < 2", 0}, {"v", "the variance of the examples", 0}},
			Draw: func(rng *rand.Rand, size int) Instance {
				return Instance{"alpha": float64(1+rng.IntN(15)) / 8, "v": nicePositive(rng, size)}
			},
			Exact: func(at Instance) float64 {
				v, err := kmeans.Stationary(at["alpha"].(float64), at["v"].(float64))
				if err != nil {
					return math.NaN()
				}
				return v
			},
			Answers: []string{"alpha/(2-alpha)*v", "alpha^2*v/(1-(1-alpha)^2)", "v/(2/alpha - 1)"},
			Mistakes: []Mistake{
				{"alpha^2*v", "that is the noise of one step; the earlier ones have not faded"},
				{"alpha*v", "nearly, for small α, but for a factor of two"},
				{"alpha*v/2", "right to first order in α; the exact denominator is 2 − α"},
				{"0", "a constant rate does not settle"},
			},
		},
		{
			Name:      "cost",
			Prompt:    "How many distances between points and centers does one online epoch evaluate, for m examples and K centers?",
			Hints:     []string{"Each example is compared with every center.", "The update of one center needs no further distance."},
			Variables: []Variable{{"m", "examples", 0}, {"K", "centers", 0}, {"n", "coordinates", 0}},
			Draw: func(rng *rand.Rand, size int) Instance {
				return Instance{"m": float64(1 + rng.IntN(size+2)), "K": float64(1 + rng.IntN(min(size, 6)+1)), "n": float64(1 + rng.IntN(3))}
			},
			Exact:   func(at Instance) float64 { return float64(onlineCost(at).Plain) },
			Answers: []string{"m*K", "K*m", "sum(i, 1, m, K)"},
			Mistakes: []Mistake{
				{"n*m*K", "that is multiplications: a distance takes n"},
				{"m", "each example is compared with all K centers"},
				{"m*K + m", "the update moves one center and evaluates no distance"},
			},
		},
	}
}

// onlineCost is what an epoch of m random examples cost.
func onlineCost(at Instance) kmeans.Cost {
	m, k, n := int(at["m"].(float64)), int(at["K"].(float64)), int(at["n"].(float64))
	rng := rand.New(rand.NewPCG(1, 1))
	points, centers := tensor.New[float64](m, n), tensor.New[float64](k, n)
	tensor.Normal(points, rng, 0, 1)
	tensor.Normal(centers, rng, 0, 1)
	o, err := kmeans.NewOnline(centers, kmeans.InverseCount())
	if err == nil {
		err = o.Learn(context.Background(), points, nil)
	}
	if err != nil {
		panic(err) // Draw left the domain
	}
	return o.Cost
}
