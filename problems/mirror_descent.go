package problems

func mirrorDescent() Problem {
	return describeProblem(Problem{
		Number: 11,
		Slug:   "mirror-descent",
		Operations: []Operation{
			mirrorStepUnit(), mirrorDivergence(), mirrorStepBox(), mirrorStepSimplex(), mirrorStepOrthant(),
			mirrorIterateUnit(), mirrorIterateGradients(), mirrorIterateSimplex(),
		},
		Claims:    mirrorClaims(),
		Questions: mirrorQuestions(),
	})
}
