package problems

func normProx() Problem {
	return describeProblem(Problem{
		Number:     6,
		Slug:       "norm-prox",
		Operations: []Operation{normProxStep(), normProxJacobian()},
		Claims:     normProxClaims(),
		Questions:  normProxQuestions(),
	})
}
