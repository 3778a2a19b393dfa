package problems

func kMeans() Problem {
	return describeProblem(Problem{
		Number: 8,
		Slug:   "kmeans",
		Operations: []Operation{
			kmeansGradient(), kmeansObjective(), kmeansOnline(), kmeansMinibatch(), kmeansLloyd(), kmeansPlusPlus(), kmeansOptimum(),
		},
		Claims:    kmeansClaims(),
		Questions: kmeansQuestions(),
	})
}
