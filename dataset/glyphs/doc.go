// Package glyphs draws labelled pictures of digits, or of any letters of the Go
// fonts: as many as are asked for, from a distribution that is known.
//
// A picture is made of a class, a font, an affine map, an elastic distortion,
// a stroke weight, a softness of the edge, a brightness of the ink and noise,
// each drawn at random. So p*(y) is what [Options].Priors says, and
// [Generator.Draw] samples p*(x | y) for any class: what problems about label
// shift and about estimated distributions need to be checked against.
//
// Example i is a pure function of (Options, i); no file and no download is
// involved. The fonts are Go Regular, Medium, Bold and Mono with their italics
// (Bigelow & Holmes, BSD licence); the small capitals are left out, for their
// digits are those of Go Regular.
//
//	g, err := glyphs.New(glyphs.Default())
//	if err != nil { … }
//	x := make([]float32, g.Len())
//	label := g.Example(17, x)
package glyphs
