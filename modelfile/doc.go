// Package modelfile holds a trained model as one thing: the network, what goes
// in and how it is prepared, what comes out, and the class frequencies it was
// trained under.
//
// [Save] writes a [Model] as a folder, or as a zip where the name ends in
// .zip, that other tools can open: model.json says what the model is, and
// weights.safetensors holds its numbers under the paths and in the layout of
// the equivalent torch.nn.Sequential. [Load] refuses whatever does not fit
// exactly and says where. A [Predictor] puts a model to use.
//
//	model, err := modelfile.Load("digits")
//	predictor, err := model.NewPredictor()
//	p, err := predictor.Probabilities(x) // x [batch, 1, 28, 28], as read from a file
//
// [ReadSafetensors] and [WriteSafetensors] serve any safetensors file, and
// [WriteFile] replaces any file all or nothing.
package modelfile
