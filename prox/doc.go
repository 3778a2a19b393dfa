// Package prox solves, exactly, what is left of a training step when the loss
// has been linearised:
//
//	argmin over z of ⟨d, z⟩ + R(z) + D(z, x)/step
//
// R is a [Penalty] and D a [Geometry]. A geometry hands out a [Solver] for
// each penalty that it has a closed form with and refuses the others by name.
//
// Everything works on plain slices, one file a penalty or geometry. A radial
// penalty ρ(‖x‖), [Norm], is solved to its global minimiser for any [Radial] ρ,
// convex or not.
package prox
