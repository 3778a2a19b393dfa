// Package reproduce runs the experiments whose figures docs/RESULTS.md shows:
// each beside the published or a peer's number, and held to a stated band.
//
// An [Experiment] is one file and one line of [Experiments]. What experiments
// share, data and trained models, a [Lab] makes once.
//
//	lab := reproduce.NewLab("mnist", 1)
//	for _, e := range reproduce.Experiments("initialisation") {
//		outcome, err := e.Measure(ctx, lab)
//		if err != nil {
//			return err
//		}
//		fmt.Println(outcome.Markdown("pictures"))
//	}
package reproduce
