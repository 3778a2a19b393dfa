package problems

func klCrossEntropy() Problem {
	return describeProblem(Problem{
		Number: 5,
		Slug:   "kl-cross-entropy",
		Operations: []Operation{
			klExpectedLogits(), klExpectedProbs(), klPrecise(), klEmpirical(), klFamily(), klWeighted(), klGaussian(),
		},
		Claims:    klClaims(),
		Questions: klQuestions(),
	})
}
