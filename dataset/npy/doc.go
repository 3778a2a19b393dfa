// Package npy reads and writes NumPy's format for one array (.npy, versions 1
// to 3): numbers of 1 to 8 bytes and booleans in C order, in either byte order.
// Arrays of objects, of records, of complex numbers or in Fortran order are
// refused by name.
//
//	a, err := npy.Open("features.npy")
//	x := a.Float32() // a tensor of a.Shape
package npy
