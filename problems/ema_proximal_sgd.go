package problems

func emaProximalSGD() Problem {
	return describeProblem(Problem{
		Number: 3,
		Slug:   "ema-proximal-sgd",
		Operations: []Operation{
			emaAverage(), emaFactors(), emaSGDStep(), emaProxStep(), emaStepMap(), emaTrajectory(), emaMomentum(),
		},
		Claims:    emaClaims(),
		Questions: emaQuestions(),
	})
}
