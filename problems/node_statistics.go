package problems

func nodeStatistics() Problem {
	return describeProblem(Problem{
		Number: 1,
		Slug:   "node-statistics",
		Operations: []Operation{
			nodeLinearIID(), nodeLinear(), nodeKurtosis(), nodeEmpirical(), nodeActivation(), nodeFans(),
			nodeConvolution(), nodeGain(), nodeInitStd(), nodePropagate(), nodeBackward(),
		},
		Claims:    nodeClaims(),
		Questions: append(nodeQuestions(), nodeLayers()...),
	})
}
