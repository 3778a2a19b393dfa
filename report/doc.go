// Package report draws pictures and writes reports that need nothing else to
// be read.
//
// A picture is data: a [Figure] has lines in panels that share their
// horizontal axis, [Dots] numbers with intervals, a [Grid] rows of small
// images. Each is written as SVG or PNG, in colours that colour-blind readers
// tell apart. A [Page] joins pictures, tables and text to one HTML file.
package report
