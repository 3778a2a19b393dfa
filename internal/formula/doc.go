// Package formula reads the formulas that people type: the answers to the
// problems' questions, and penalties of a norm on the command line.
//
// The expression library does the parsing; this package bounds what a formula
// may cost, gives it the notation of mathematics (indices from 1, sums, powers)
// and makes errors of one line.
package formula
