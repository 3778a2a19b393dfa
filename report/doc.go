// Package report draws pictures: lines over a number, in panels that share it,
// as SVG or PNG.
//
// A [Figure] is data; [Figure.Save] chooses the format by the file's ending.
// Colours are told apart by colour-blind readers and in grey.
package report
