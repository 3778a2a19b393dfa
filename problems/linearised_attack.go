package problems

func linearisedAttack() Problem {
	return describeProblem(Problem{
		Number:     4,
		Slug:       "linearised-attack",
		Operations: []Operation{attackLinear(), attackProject(), attackFGSM(), attackPGD()},
		Claims:     attackClaims(),
		Questions:  append(attackQuestions(), attackNorms()...),
	})
}
