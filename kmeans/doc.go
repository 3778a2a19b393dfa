// Package kmeans finds K centres y_k that minimise the sum over points of
// min_k ‖x − y_k‖², over all points at once or one at a time.
//
// [Lloyd] alternates between labels and means until the labels repeat.
// [Online] takes one example at a time, moves the nearest centre towards it,
// and never holds more than the centres and what it is given. [PlusPlus] and
// [Greedy] choose where to start, [Optimum] solves small inputs exactly.
//
// There is one definition of a distance: the differences first, their squares
// added in float64, as [Nearest] does; of equally near centres the lowest index
// wins. Everything faster, matrix products and the triangle inequality, only
// decides which distances need not be taken, with bounds on its own rounding:
// labels and centres are the same bits as those of the plain loops, on any
// number of processors. [Cost] counts the distances.
//
//	seeds, _, err := kmeans.PlusPlus(ctx, points, 10, kmeans.Draws(rng, 10))
//	if err != nil {
//		return err
//	}
//	result, err := kmeans.Lloyd(ctx, points, kmeans.Rows(points, seeds), kmeans.Config{MaxUpdates: 100})
package kmeans
