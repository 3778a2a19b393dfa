// Package shift uses a classifier where the class priors differ from those of
// its training, without training it again.
//
// Under label shift the classes look as they did, p(x|y), and only their
// frequencies have moved from p(y) to p*(y). Then the posteriors are corrected
// by the weights w_y = p*(y)/p(y) and a division: [Reweight]. Where p* is not
// known it is estimated from unlabelled data: by maximum likelihood, [EM] and
// its converged form [MaximumLikelihood], or from the confusion matrix,
// [BBSE]. [Adapt] does all of it for the logits of any network, calibrated
// first. Posteriors are assumed calibrated everywhere else.
//
//	fixed, err := shift.Reweight(posteriors, train, target)
//	if err != nil {
//		return err
//	}
//	use(fixed.Decisions)
package shift
