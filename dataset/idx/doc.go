// Package idx reads and writes IDX, the format of MNIST: a type, a shape, and
// bytes, perhaps compressed with gzip.
//
//	images, err := idx.Open("train-images-idx3-ubyte.gz") // Shape [60000 28 28]
//	labels, err := idx.Open("train-labels-idx1-ubyte.gz") // Shape [60000]
//
// Whether a file is compressed is seen from its first bytes, not its name. A
// file is believed byte by byte: no memory is taken on the word of a header.
package idx
