package tensor

import "fmt"

// Pooling says how windows of [KernelH, KernelW] slide over planes of
// [Height, Width]. The output has
//
//	⌊(Height + 2·PadH − KernelH) / StrideH⌋ + 1
//
// rows, and columns likewise. Padding is at most half the kernel, so that no
// window lies outside the plane.
type Pooling struct {
	Batch, Channels  int
	Height, Width    int
	KernelH, KernelW int
	StrideH, StrideW int
	PadH, PadW       int
	ExcludePadding   bool // an average divides by the elements inside the plane only
}

// OutHeight returns the number of rows of the output.
func (g Pooling) OutHeight() int { return (g.Height+2*g.PadH-g.KernelH)/g.StrideH + 1 }

// OutWidth returns the number of columns of the output.
func (g Pooling) OutWidth() int { return (g.Width+2*g.PadW-g.KernelW)/g.StrideW + 1 }

// Validate returns an error if the sizes do not make a pooling with a
// non-empty output.
func (g Pooling) Validate() error {
	switch {
	case g.Batch < 0 || g.Channels < 1:
		return fmt.Errorf("pooling: batch %d, channels %d: want batch at least 0, channels at least 1", g.Batch, g.Channels)
	case g.KernelH < 1 || g.KernelW < 1 || g.StrideH < 1 || g.StrideW < 1:
		return fmt.Errorf("pooling: kernel %d×%d, stride %d×%d: want at least 1", g.KernelH, g.KernelW, g.StrideH, g.StrideW)
	case g.PadH < 0 || g.PadW < 0 || g.PadH > g.KernelH/2 || g.PadW > g.KernelW/2:
		return fmt.Errorf("pooling: padding %d×%d of kernel %d×%d: want 0 to half the kernel", g.PadH, g.PadW, g.KernelH, g.KernelW)
	case g.Height < 1 || g.Width < 1 || g.Height+2*g.PadH < g.KernelH || g.Width+2*g.PadW < g.KernelW:
		return fmt.Errorf("pooling: plane %d×%d with padding %d×%d: want at least the kernel, %d×%d", g.Height, g.Width, g.PadH, g.PadW, g.KernelH, g.KernelW)
	}
	return nil
}

// check panics unless y and x have the shapes of the output and the input.
func (g *Pooling) check(op string, y, x []int) {
	if err := g.Validate(); err != nil {
		panic(Mismatch(op, err.Error(), y, x))
	}
	if !shapeIs(x, g.Batch, g.Channels, g.Height, g.Width) || !shapeIs(y, g.Batch, g.Channels, g.OutHeight(), g.OutWidth()) {
		panic(Mismatch(op, fmt.Sprintf("output [%d %d %d %d] and input [%d %d %d %d]",
			g.Batch, g.Channels, g.OutHeight(), g.OutWidth(), g.Batch, g.Channels, g.Height, g.Width), y, x))
	}
}

// covered returns the range of one dimension of the input under output i.
func covered(i, kernel, stride, pad, size int) (lo, hi int) {
	lo = i*stride - pad
	return max(lo, 0), min(lo+kernel, size)
}

// planes returns a job over the planes of y and x.
func planes[F Float](y, x []F, g Pooling) *rowJob[F] {
	j := takeRows[F](g.Batch*g.Channels, g.Height*g.Width)
	j.y, j.x, j.pool, j.area = y, x, g, g.OutHeight()*g.OutWidth()
	return j
}

// plane returns plane p of the output and of the input.
func (j *rowJob[F]) plane(p int) (y, x []F) { return j.planes(p, p+1) }

// planes returns planes [lo, hi) of the output and of the input.
func (j *rowJob[F]) planes(lo, hi int) (y, x []F) {
	return j.y[lo*j.area : hi*j.area], j.x[lo*j.cols : hi*j.cols]
}
