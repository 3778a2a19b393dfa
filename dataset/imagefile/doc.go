// Package imagefile turns PNG and JPEG files into the arrays that a model
// reads: grey or RGB, of the model's size, with values in [0, 1].
//
//	x, err := imagefile.Open("digit.png", 1, 28, 28) // [1 28 28]
//
// The format is told from the first bytes, not from the name. Transparent
// pixels show black behind them.
package imagefile
