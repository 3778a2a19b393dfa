// Package bench times the named workloads that Gradus is compared by, in the
// same sizes as its peers, and measures the machine's limits to hold them
// against.
//
// A [Workload] is a name, a unit and a function that prepares one repetition;
// adding one is one file with one function and its name in [Workloads].
// Results are medians and bests over counted repetitions after a warm-up; an
// absolute time means little on a shared machine, so figures are quoted from
// runs beside the peer.
package bench
