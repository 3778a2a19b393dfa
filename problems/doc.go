// Package problems holds the eleven problems as data. Each has
//
//   - a statement and a solution, in Markdown with TeX, which [Plain] renders
//     for a terminal;
//   - operations with typed inputs and results, solved by the packages that
//     training uses, which [Check] holds to their definitions by independent
//     methods on random instances;
//   - claims: the lines of a printed solution, tried until they hold on every
//     instance or a counterexample turns up;
//   - questions, whose [Question.Judge] tries a learner's formula.
//
// Requests and answers are JSON, in full precision:
//
//	results, err := problems.Solve("norm-prox", "prox", inputs)
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
// Tests then run testdata/TOPIC.json through it, change one part of these
// inputs at a time to something extreme, and plant mistakes in inputs and
// results that the check must catch.
//
// # How to add a claim or a question
//
// Both are values in TOPIC_claims.go and TOPIC_questions.go, made of closures
// that draw an instance and say what is right there. Tests hold each claim to
// what is known of it, and each question to its own right answers and
// mistakes.
package problems
