package problems

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/shift"
)

// priorVariables are the numbers of one example under two priors.
func priorVariables() []Variable {
	return []Variable{
		{"p", "the network's probabilities, K numbers", 1}, {"train", "the class frequencies of the training set", 1},
		{"target", "the class frequencies where the network is used", 1}, {"K", "the number of classes", 0}, {"k", "the class asked for, from 1 to K", 0},
	}
}

func drawPriors(rng *rand.Rand, size int) Instance {
	k := 2 + rng.IntN(min(size, 3))
	at := Instance{
		"p": niceDistribution(rng, size, k), "train": niceDistribution(rng, size, k), "target": niceDistribution(rng, size, k),
		"K": float64(k), "k": float64(1 + rng.IntN(k)),
	}
	if k > 2 && rng.IntN(5) == 0 { // a network that excludes a class
		p := at.vector("p")
		p[0] += p[k-1]
		p[k-1] = 0
	}
	return at
}

// drawBinary draws two classes: the logit z of class 1 and its two priors.
func drawBinary(rng *rand.Rand, size int) Instance {
	return Instance{"z": nice(rng, size), "train": niceDistribution(rng, size, 2)[0], "target": niceDistribution(rng, size, 2)[0]}
}

func drawRisk(rng *rand.Rand, size int) Instance {
	at := drawPriors(rng, size)
	k := len(at.vector("p"))
	cost := make([][]float64, k)
	for d := range cost {
		cost[d] = make([]float64, k)
		for y := range cost[d] {
			if y != d {
				cost[d][y] = nicePositive(rng, size)
			}
		}
	}
	at["C"], at["d"] = cost, float64(1+rng.IntN(k))
	return at
}

func drawEM(rng *rand.Rand, size int) Instance {
	k, n := 2+rng.IntN(min(size, 3)), 1+rng.IntN(min(size, 4))
	return Instance{
		"P": niceDistributions(rng, size, n, k), "train": niceDistribution(rng, size, k), "prior": niceDistribution(rng, size, k),
		"N": float64(n), "K": float64(k), "k": float64(1 + rng.IntN(k)),
	}
}

// drawConfusion draws a joint distribution of predictions and labels that is
// right more often than not.
func drawConfusion(rng *rand.Rand, size int) Instance {
	wrong := niceDistribution(rng, size, 4)
	return Instance{
		"C":  [][]float64{{0.25 + wrong[0]/2, wrong[1] / 8}, {wrong[2] / 8, 0.75 - wrong[0]/2 - (wrong[1]+wrong[2])/8}},
		"mu": niceDistribution(rng, size, 2),
	}
}

// reweighted is what package shift makes of an instance of drawPriors.
func reweighted(at Instance) *shift.Reweighted {
	p, err := losses.ProbsOf([][]float64{at.vector("p")})
	if err != nil {
		panic(err) // Draw makes distributions
	}
	r, err := shift.Reweight(p, at.vector("train"), at.vector("target"))
	if err != nil {
		panic(err)
	}
	return r
}

func priorQuestions() []Question {
	return append(priorKnown(), priorUnknown()...)
}

// priorKnown are the questions where the new prior is known.
func priorKnown() []Question {
	binary := []Variable{{"train", "the frequency of class 1 in training", 0}, {"target", "the frequency of class 1 in use", 0}}
	return []Question{
		{
			Name:   "posterior",
			Prompt: "A network gives p(k|x) as it was under the training prior. The classes look as they did, but their frequencies are now those of target. What is the probability of class k given x now?",
			Hints: []string{
				"Bayes' rule for both priors, with the same p(x|k), and their quotient.",
				"It is proportional to target_k/train_k·p_k.",
				"The probabilities of all classes sum to 1: divide by the sum of these products.",
			},
			Variables: priorVariables(), Draw: drawPriors,
			Exact: func(at Instance) float64 { return reweighted(at).Posterior.Lists()[0][index(at, "k")] },
			Answers: []string{
				"target[k]/train[k]*p[k]/sum(j, 1, K, target[j]/train[j]*p[j])",
				"exp(log(p[k]) + log(target[k]) - log(train[k]))/sum(j, 1, K, exp(log(p[j]) + log(target[j]) - log(train[j])))",
				"p[k]/sum(j, 1, K, target[j]*train[k]/(target[k]*train[j])*p[j])",
			},
			Mistakes: []Mistake{
				{"target[k]/train[k]*p[k]", "proportional is not equal: the products do not sum to 1"},
				{"target[k]*p[k]/sum(j, 1, K, target[j]*p[j])", "the training prior is in p(k|x) already: it must be divided out"},
				{"train[k]/target[k]*p[k]/sum(j, 1, K, train[j]/target[j]*p[j])", "the weights are turned over: new frequency over old"},
				{"p[k]/train[k]/sum(j, 1, K, p[j]/train[j])", "that is the posterior under equal priors: the new prior is missing"},
				{"p[k] + target[k] - train[k]", "priors are added in logarithms, not in probabilities"},
				{"p[k]", "the network's probabilities belong to the training prior"},
			},
		},
		{
			Name:   "odds",
			Prompt: "Two classes. The network's logit of class 1, its log-odds, is z. The frequency of class 1 was train and is now target. What are the log-odds of class 1 now?",
			Hints: []string{
				"The odds are multiplied by the quotient of the two classes' weights.",
				"The weights are target/train and (1 − target)/(1 − train).",
			},
			Variables: append([]Variable{{"z", "the network's log-odds of class 1", 0}}, binary...), Draw: drawBinary,
			Exact: func(at Instance) float64 {
				z, err := losses.LogitsOf([][]float64{{0, at.number("z")}})
				if err != nil {
					return math.NaN()
				}
				l, err := shift.ReweightLogits(z, []float64{1 - at.number("train"), at.number("train")}, []float64{1 - at.number("target"), at.number("target")})
				if err != nil {
					return math.NaN()
				}
				return l.Lists()[0][1] - l.Lists()[0][0]
			},
			Answers: []string{"z + logit(target) - logit(train)", "z + log(target/train) - log((1-target)/(1-train))", "log(exp(z)*target*(1-train)/(train*(1-target)))"},
			Mistakes: []Mistake{
				{"z + log(target/train)", "the other class has a new frequency too"},
				{"z - logit(target) + logit(train)", "the sign: a class that became more frequent becomes more probable"},
				{"z*target*(1-train)/(train*(1-target))", "weights multiply odds, and add to logits"},
				{"z + logit(target)", "the training prior is in z already: it must be taken out"},
			},
		},
		{
			Name:   "threshold",
			Prompt: "Two classes, 0/1 loss. The frequency of class 1 was train and is now target. Above which output p(1|x) of the network is class 1 decided?",
			Hints: []string{
				"At the threshold both classes have equal reweighted outputs.",
				"t·target/train = (1 − t)·(1 − target)/(1 − train).",
				"Solve for t; with target = train it must be 1/2.",
			},
			Variables: binary, Draw: drawBinary,
			Exact: func(at Instance) float64 {
				t, err := shift.Threshold(at.number("train"), at.number("target"))
				if err != nil {
					return math.NaN()
				}
				return t
			},
			Answers: []string{"train*(1-target)/(train*(1-target) + target*(1-train))", "sigmoid(logit(train) - logit(target))", "1/(1 + target*(1-train)/(train*(1-target)))"},
			Mistakes: []Mistake{
				{"1/2", "that is the threshold after reweighting, not of the network's own output"},
				{"target*(1-train)/(train*(1-target) + target*(1-train))", "the two priors are exchanged: a class that became frequent needs less"},
				{"train/(train + target)", "the weight of class 0 is forgotten"},
				{"train*(1-target)/(target*(1-train))", "those are odds: the probability is t/(1 + t)"},
				{"1 - target", "right only if training had equal frequencies"},
			},
		},
		{
			Name:      "ratio",
			Prompt:    "How much more probable is x itself under the new frequencies: what is p_a(x)/p(x), from the network's outputs and both priors?",
			Hints:     []string{"p_a(x) is the sum over k of p(x|k)·target_k.", "p(x|k) = p(k|x)·p(x)/train_k.", "It is what the reweighted outputs are divided by."},
			Variables: priorVariables()[:4], Draw: drawPriors,
			Exact:   func(at Instance) float64 { return reweighted(at).DensityRatio[0] },
			Answers: []string{"sum(j, 1, K, target[j]/train[j]*p[j])", "sum(j, 1, K, p[j]*exp(log(target[j]) - log(train[j])))", "1 + sum(j, 1, K, (target[j]/train[j] - 1)*p[j])"},
			Mistakes: []Mistake{
				{"1", "p(x) changes with the frequencies of the classes"},
				{"sum(j, 1, K, target[j]*p[j])", "the training prior is not divided out"},
				{"sum(j, 1, K, train[j]/target[j]*p[j])", "the weights are turned over"},
				{"1/sum(j, 1, K, target[j]/train[j]*p[j])", "the quotient is turned over: new over old"},
			},
		},
		{
			Name:      "risk",
			Prompt:    "Deciding d costs C[d][k] where the class is k. What does decision d cost on average at this x, under the new frequencies?",
			Hints:     []string{"It is an expectation over the classes under the new posterior.", "Σ_k C[d][k]·target_k/train_k·p_k, and what makes the weights sum to 1."},
			Variables: append(priorVariables()[:4:4], Variable{"C", "the costs, a row for each decision", 2}, Variable{"d", "the decision", 0}),
			Draw:      drawRisk,
			Exact: func(at Instance) float64 {
				d, err := shift.Cost(at.matrix("C")).Decide(reweighted(at).Posterior)
				if err != nil {
					return math.NaN()
				}
				return d.Risk[0][index(at, "d")]
			},
			Answers: []string{
				"sum(j, 1, K, C[d][j]*target[j]/train[j]*p[j])/sum(j, 1, K, target[j]/train[j]*p[j])",
				"sum(j, 1, K, C[d][j]*p[j]/sum(i, 1, K, target[i]*train[j]/(train[i]*target[j])*p[i]))",
			},
			Mistakes: []Mistake{
				{"sum(j, 1, K, C[d][j]*p[j])", "the posterior is the one of training"},
				{"sum(j, 1, K, C[d][j]*target[j]/train[j]*p[j])", "the weights do not sum to 1"},
				{"sum(j, 1, K, C[j][d]*target[j]/train[j]*p[j])/sum(j, 1, K, target[j]/train[j]*p[j])", "rows and columns of the costs are exchanged"},
				{"1 - target[d]/train[d]*p[d]/sum(j, 1, K, target[j]/train[j]*p[j])", "that is for the 0/1 loss"},
			},
		},
	}
}
