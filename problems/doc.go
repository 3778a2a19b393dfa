// Package problems holds the eleven problems as data: for each its statement
// and solution, and operations with typed inputs and results, each held to its
// definition by an independent method.
//
//	results, err := problems.Solve("norm-prox", "prox", inputs) // JSON in, JSON out
//
// # How to add an operation
//
// An operation is one value made by the function operation from a definition:
// its name, a solve function between two structs whose json tags name the
// fields, a draw function for random valid instances, and a check function
// that knows another way to what is right. Add it to the list in the file of
// its problem, norm_prox.go say; [All] lists the problems. Fields that are
// pointers may be absent; infinite:"yes" allows infinities; NaN, ragged
// matrices, unknown and missing fields are refused before solve is called.
// Tests then run testdata/TOPIC.json through it, and plant mistakes that the
// check must catch.
package problems
