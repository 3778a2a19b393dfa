// Package parallel runs the blocks of a job on all processors.
//
// How a job is cut into blocks is the caller's, fixed by the size of the work
// and never by the number of processors, so that results are the same bits on
// one core and on many:
//
//	type fill struct{ x []float32 }
//	func (f *fill) Block(i int) {
//		lo, hi := parallel.Span(i, 4096, len(f.x))
//		clear(f.x[lo:hi])
//	}
//	parallel.Run(parallel.Blocks(len(x), 4096), &fill{x})
package parallel
