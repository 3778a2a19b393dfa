package problems

func optimalVarianceVAE() Problem {
	return describeProblem(Problem{
		Number:     10,
		Slug:       "optimal-variance-vae",
		Operations: []Operation{vaeVariance(), vaeDensity(), vaeLoss(), vaeLinear(), vaeClamped()},
		Claims:     vaeClaims(),
		Questions:  vaeQuestions(),
	})
}
