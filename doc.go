// Package gradus is deep learning in Go, one verified step at a time. It holds
// no code: it is the map.
//
// One idea joins the packages: linearise, then solve the rest exactly.
//
//   - [github.com/gradus-ml/gradus/tensor]: dense arrays and their products
//   - [github.com/gradus-ml/gradus/autodiff]: a tape, operations, gradient checks
//   - [github.com/gradus-ml/gradus/prox]: penalties and geometries with exact steps
//   - [github.com/gradus-ml/gradus/nn]: layers, which are plain data
//   - [github.com/gradus-ml/gradus/losses]: losses, divergences, calibration
//   - [github.com/gradus-ml/gradus/optim]: estimator × penalty × geometry
//   - [github.com/gradus-ml/gradus/prune]: a network without the units that do nothing
//   - [github.com/gradus-ml/gradus/dataset]: sources, batches, file formats, drawn digits
//   - [github.com/gradus-ml/gradus/modelfile]: a trained model as a file
//   - [github.com/gradus-ml/gradus/train]: fit, evaluate, checkpoint, resume
//   - [github.com/gradus-ml/gradus/shift]: a classifier under other class priors
//
// The command is cmd/gradus; the example below is a whole program.
package gradus
