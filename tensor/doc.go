// Package tensor holds dense, row-major arrays of float32 or float64 and the
// arithmetic that layers are made of: matrix products, convolution, pooling,
// reductions.
//
// A [Tensor] is a shape and a slice, both exported, so that any loop over Data
// is a kernel. There is one layout: elements are contiguous and the last index
// varies fastest. A view along the first index shares memory; a transpose does
// not exist as a view, it is a variant of the matrix product.
//
// Functions put the destination first, as copy does. Shapes that do not fit
// are programmer errors and panic with a [*ShapeError].
package tensor
