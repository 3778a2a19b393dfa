// Package nn holds layers: plain structs whose exported fields are the model.
//
// Trained arrays are [*Param] fields, saved but untrained ones [*Buffer]
// fields; everything else is a hyperparameter. [Params] finds them all by
// walking the fields, so a layer declares nothing twice and a model is any
// struct or slice of layers:
//
//	rng := rand.New(rand.NewPCG(1, 1))
//	model := nn.Sequential[float32]{
//		nn.NewLinear[float32](784, 512, rng), nn.ReLU[float32]{},
//		nn.NewLinear[float32](512, 10, rng),
//	}
//
// The same walk turns a model into an [Architecture] and back, by [Describe]
// and [Build]. [Parse] makes one from a line of text such as "mlp:512,256", and
// [Summary] tabulates it.
//
// Whether a computation trains is a value, the [Pass], never a mode of the
// model.
package nn
