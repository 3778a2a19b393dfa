// Package attack asks how little a classifier's input must change for its
// answer to change, and proves how much it may change without.
//
// The log-probability of a class is linearised around the input, and what is
// left is solved exactly: [Minimise] finds the point of a norm [Ball], cut by
// the [Box] of valid inputs, that minimises ⟨g, x̃ − x⟩. The fast gradient sign
// method is one such step and projected gradient descent many small ones: an
// [Attack] is a value that says which. [New] sets it at a model, and a [Report]
// audits each result: what the linearisation promised, what happened, what
// noise of the same size would have done.
//
// [Certify] bounds the classifier's outputs over the whole ball, rounding
// included, with the same exact step at its end. Robust accuracy lies between
// what is certified and what survives the attack:
//
//	a := attack.PGD(attack.LInf(0.1), attack.Unit(), 40, 0.01)
//	attacker, err := attack.New[float32](model, a)
//	if err != nil {
//		return err
//	}
//	report, err := attacker.Run(ctx, images, labels)
//	if err != nil {
//		return err
//	}
//	fmt.Println(report)
package attack
