package problems

func priorShift() Problem {
	return describeProblem(Problem{
		Number: 7,
		Slug:   "prior-shift",
		Operations: []Operation{
			shiftReweight(), shiftReweightLogits(), shiftThreshold(), shiftDecision(), shiftEM(), shiftConverged(), shiftBBSE(),
		},
		Claims:    priorClaims(),
		Questions: priorQuestions(),
	})
}
