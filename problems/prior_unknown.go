package problems

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/shift"
)

// priorUnknown are the questions where one of the priors must be found.
func priorUnknown() []Question {
	return []Question{
		{
			Name:   "em",
			Prompt: "The new frequencies are not known, but the network's outputs P[i] on N unlabelled examples are. What does one step of EM make of the estimate prior_k?",
			Hints: []string{
				"E: reweight every example's outputs with the present estimate.",
				"M: the new estimate is the mean of the reweighted probabilities of class k.",
			},
			Variables: []Variable{
				{"P", "the network's probabilities, N rows of K", 2}, {"train", "the class frequencies of the training set", 1}, {"prior", "the present estimate", 1},
				{"N", "the number of examples", 0}, {"K", "the number of classes", 0}, {"k", "the class asked for", 0},
			},
			Draw: drawEM,
			Exact: func(at Instance) float64 {
				p, err := losses.ProbsOf(at.matrix("P"))
				if err != nil {
					return math.NaN()
				}
				e, err := shift.EM(p, at.vector("train"), at.vector("prior"), 1)
				if err != nil {
					return math.NaN()
				}
				return e.Priors[1][index(at, "k")]
			},
			Answers: []string{
				"sum(i, 1, N, P[i][k]*prior[k]/train[k]/sum(j, 1, K, P[i][j]*prior[j]/train[j]))/N",
				"prior[k]/train[k]*sum(i, 1, N, P[i][k]/sum(j, 1, K, P[i][j]*prior[j]/train[j]))/N",
				"sum(i, 1, N, 1/sum(j, 1, K, P[i][j]/P[i][k]*prior[j]*train[k]/(train[j]*prior[k])))/N",
			},
			Mistakes: []Mistake{
				{"sum(i, 1, N, P[i][k])/N", "the outputs were averaged as they are, under the training prior"},
				{"sum(i, 1, N, P[i][k]/train[k]/sum(j, 1, K, P[i][j]*prior[j]/train[j]))/N", "that is the factor G_k: it multiplies the estimate"},
				{"sum(i, 1, N, P[i][k]*prior[k]/sum(j, 1, K, P[i][j]*prior[j]))/N", "the training prior is not divided out"},
				{"sum(i, 1, N, P[i][k]*prior[k]/train[k]/sum(j, 1, K, P[i][j]*prior[j]/train[j]))", "a mean, not a sum"},
				{"sum(i, 1, N, P[i][k]*prior[k]/train[k])/sum(i, 1, N, sum(j, 1, K, P[i][j]*prior[j]/train[j]))", "each example is normalised on its own, before the mean"},
			},
		},
		{
			Name:   "box",
			Prompt: "Two classes. C[i][j] is the share of training examples of class j that were predicted as i, of all examples; mu_i is the share of predictions i in the new data. What is the weight w_1 = target_1/train_1 of class 1?",
			Hints: []string{
				"Under label shift the new share of prediction i is Σ_j C[i][j]·w_j.",
				"Two linear equations: C·w = mu.",
				"Cramer's rule gives w_1.",
			},
			Variables: []Variable{{"C", "the joint distribution of prediction (row) and class (column)", 2}, {"mu", "the shares of the predictions in the new data", 1}},
			Draw:      drawConfusion,
			Exact: func(at Instance) float64 {
				b, err := shift.BBSE(&shift.Confusion{Joint: at.matrix("C")}, at.vector("mu"))
				if err != nil {
					return math.NaN()
				}
				return b.Weights[0]
			},
			Answers: []string{
				"(mu[1]*C[2][2] - mu[2]*C[1][2])/(C[1][1]*C[2][2] - C[1][2]*C[2][1])",
				"(mu[1] - C[1][2]/C[2][2]*mu[2])/(C[1][1] - C[1][2]/C[2][2]*C[2][1])",
			},
			Mistakes: []Mistake{
				{"mu[1]/(C[1][1] + C[1][2])", "shares of predictions are not shares of classes: some predictions are wrong"},
				{"mu[1]/(C[1][1] + C[2][1])", "shares of predictions were taken for shares of classes"},
				{"(mu[1]*C[2][2] - mu[2]*C[2][1])/(C[1][1]*C[2][2] - C[1][2]*C[2][1])", "rows and columns of C are exchanged"},
				{"(mu[1]*C[2][2] - mu[2]*C[1][2])/(C[1][1]*C[2][2] - C[1][2]*C[2][1])*(C[1][1] + C[2][1])", "that is target_1 itself: divide by train_1"},
			},
		},
		{
			Name:   "weighted",
			Prompt: "The network was trained with class weights v_k in its loss, on classes of frequencies train. For which prior of class k are its outputs posteriors?",
			Hints:  []string{"A weight v counts each example v times.", "Frequencies sum to 1."},
			Variables: []Variable{
				{"v", "the class weights", 1}, {"train", "the class frequencies of the training set", 1}, {"K", "the number of classes", 0}, {"k", "the class asked for", 0},
			},
			Draw: func(rng *rand.Rand, size int) Instance {
				at := drawPriors(rng, size)
				v := make([]float64, len(at.vector("p")))
				for i := range v {
					v[i] = nicePositive(rng, size)
				}
				at["v"] = v
				return at
			},
			Exact: func(at Instance) float64 {
				p, err := shift.TrainingPrior(at.vector("train"), at.vector("v"))
				if err != nil {
					return math.NaN()
				}
				return p[index(at, "k")]
			},
			Answers: []string{"v[k]*train[k]/sum(j, 1, K, v[j]*train[j])", "v[k]*train[k]/dot(v, train)", "1/sum(j, 1, K, v[j]*train[j]/(v[k]*train[k]))"},
			Mistakes: []Mistake{
				{"train[k]", "weighting an example is the same as repeating it"},
				{"v[k]*train[k]", "the products do not sum to 1"},
				{"train[k]/v[k]/sum(j, 1, K, train[j]/v[j])", "divided by the weights where they multiply"},
				{"v[k]/total(v)", "the frequencies of the training set count too"},
			},
		},
	}
}
