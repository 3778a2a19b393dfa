package tensor

// ColumnSums computes the sums over the rows of x, read as a matrix
// [rows, len(dst)], into dst, or adds them to it.
func ColumnSums[F Float](dst []F, x *Tensor[F], add bool) {
	n := len(dst)
	if n == 0 || len(x.Data)%n != 0 {
		panic(Mismatch("tensor.ColumnSums", "a tensor whose rows have the length of dst", []int{n}, x.Shape))
	}
	if !add {
		clear(dst)
	}
	for at := 0; at < len(x.Data); at += n {
		for j, v := range x.Data[at : at+n] {
			dst[j] += v
		}
	}
}
