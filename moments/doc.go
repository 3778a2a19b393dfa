// Package moments says how a signal fares on its way through a model: the mean
// and variance of every layer's outputs, the likeness of different examples,
// and the variance of the gradient on its way back, from the weights' moments
// alone and before anything is trained.
//
// [Propagate] predicts them, [Measure] puts what a batch gives beside them, and
// a [Table]'s Diagnose says in words which layer departs first and what to do.
// [Initialize] draws weights by a [Scheme]; [Preserve] chooses each layer's
// variance from the propagation, so that none departs.
//
//	err := moments.Initialize(model, rng, moments.Preserve[float32](input))
//	table, err := moments.Propagate(model, input, moments.Training)
//	fmt.Print(table)
//	fmt.Println(table.Diagnose())
//
// The formulas they rest on are functions of plain numbers: [LinearMoments],
// [GaussianThrough], [Gain], [ConvVarianceMap] and others. A layer of another
// package joins by a method: see [Ruled] and [Elementwise].
package moments
