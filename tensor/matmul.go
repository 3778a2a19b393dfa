package tensor

import "slices"

// Product says how MatMul reads its operands and what it does to the result.
// The zero value is the plain product.
type Product[F Float] struct {
	TransA, TransB bool // read the operand transposed
	Add            bool // add the product to c instead of replacing it
	Bias           []F  // [n], added to every row, or nil
	ReLU           bool // store max(0, ·) of what would be stored; NaN stays NaN

	// Addend [m, n], unless nil, is added last: row i of c gets Scales[i] times
	// its row, rounded once. Scales is [m]. It does not go with ReLU, and must
	// not overlap c.
	Addend *Tensor[F]
	Scales []F
}

// MatMul computes c = a·b for a [m, k], b [k, n], c [m, n], with the variants
// of how. A transposed operand is stored the other way round: a as [k, m], b
// as [n, k]. c must not overlap a or b. Sums are rounded after each product; or,
// in large products of float32 on processors with AMX, less often and with less
// error: see ARCHITECTURE.md. Panics with a [*ShapeError] if the
// shapes do not fit.
func MatMul[F Float](c, a, b *Tensor[F], how Product[F]) {
	if len(a.Shape) != 2 || len(b.Shape) != 2 || len(c.Shape) != 2 {
		panic(Mismatch("tensor.MatMul", "three matrices", c.Shape, a.Shape, b.Shape))
	}
	m, k := a.Shape[0], a.Shape[1]
	if how.TransA {
		m, k = k, m
	}
	kb, n := b.Shape[0], b.Shape[1]
	if how.TransB {
		kb, n = n, kb
	}
	if k != kb || c.Shape[0] != m || c.Shape[1] != n {
		panic(Mismatch("tensor.MatMul", "c [m n], a [m k], b [k n], up to the transposes asked for", c.Shape, a.Shape, b.Shape))
	}
	if how.Bias != nil && len(how.Bias) != n {
		panic(Mismatch("tensor.MatMul", "c [m n] and bias [n]", c.Shape, []int{len(how.Bias)}))
	}
	if d := how.Addend; d != nil {
		if !slices.Equal(d.Shape, c.Shape) || len(how.Scales) != m {
			panic(Mismatch("tensor.MatMul", "c and addend [m n], and scales [m]", c.Shape, d.Shape, []int{len(how.Scales)}))
		}
		if how.ReLU {
			panic("tensor.MatMul: an addend does not go with ReLU")
		}
	} else if (m == 1 && (how.TransB || n >= gemvColumns)) || (n == 1 && (!how.TransA || m >= gemvColumns)) {
		mulVector(c.Data, a.Data, b.Data, k, how)
		return
	}
	g := spareGemms[F]().Take()
	g.c, g.ldc, g.k, g.bias, g.add, g.relu = c.Data, n, k, how.Bias, how.Add, how.ReLU
	if how.Addend != nil {
		g.addend, g.scales = how.Addend.Data, how.Scales
	}
	g.a.data, g.a.lanes, g.a.lane, g.a.step = a.Data, m, k, 1
	if how.TransA {
		g.a.lane, g.a.step = 1, m
	}
	g.b.data, g.b.lanes, g.b.lane, g.b.step = b.Data, n, 1, n
	if how.TransB {
		g.b.lane, g.b.step = k, 1
	}
	g.run()
	g.release()
}
