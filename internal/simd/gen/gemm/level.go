package main

import (
	"iter"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

// level is an instruction set, and the tiles that its registers hold.
type level struct {
	name     string
	width    int // of a vector, in bytes
	vector   func() reg.VecVirtual
	vectors  int   // in a panel of columns
	together []int // panels of a that are taken at a time where one vector of columns is used, two, ...
	unroll   int   // steps in a turn of the loop
	spread   bool  // rows of c are asked for one in a turn of the loop, not all before it
}

// avx2 has tiles where 12 of the 16 registers are sums: of 4 rows and three
// vectors, whose step of 12 multiply-adds needs only seven loads, one fewer than
// 6 rows and two vectors would. avx512 has 24 of 32, of 8 rows and three
// vectors: 11 loads a step, three fewer than 12 rows and two vectors, which is
// less to feed and on some processors a higher clock. Fewer vectors are
// multiplied with more rows at a time, for few sums would wait for each other.
//
// A turn of the loop is eight steps for AVX2: beside a neighbour on the core,
// every instruction that is no multiply-add costs. For AVX-512 it is three: the
// instructions of a short loop are kept, and the processor, which slows down as
// it takes more power, runs a fifteenth faster than with eight.
var (
	avx2   = &level{name: "AVX2", width: 32, vector: build.YMM, vectors: 3, together: []int{2, 1, 1}, unroll: 8}
	avx512 = &level{name: "AVX512", width: 64, vector: build.ZMM, vectors: 3, together: []int{3, 3, 2}, unroll: 3, spread: true}
)

// levels yields the levels.
func levels() iter.Seq[*level] {
	return func(yield func(*level) bool) { _ = yield(avx512) && yield(avx2) }
}
