package tensor

import "fmt"

// ConvGeometry describes a two-dimensional convolution, as PyTorch's Conv2d
// does. Images are [Batch, InChannels, Height, Width], weights
// [OutChannels, InChannels/Groups, KernelH, KernelW], results
// [Batch, OutChannels, OutHeight, OutWidth]. No field has a default: a plain
// convolution has strides, dilations and Groups of 1.
type ConvGeometry struct {
	Batch, InChannels, Height, Width int
	OutChannels, KernelH, KernelW    int
	StrideH, StrideW                 int
	PadH, PadW                       int // zeros added on each of the two sides
	DilationH, DilationW             int // distance between neighbouring taps
	Groups                           int // group q reads its own InChannels/Groups and writes its own OutChannels/Groups
}

// OutHeight is the number of rows of the result:
// ⌊(Height + 2·PadH − DilationH·(KernelH−1) − 1) / StrideH⌋ + 1.
func (g ConvGeometry) OutHeight() int {
	return (g.Height+2*g.PadH-g.DilationH*(g.KernelH-1)-1)/g.StrideH + 1
}

// OutWidth is the number of columns of the result, by the formula of
// [ConvGeometry.OutHeight].
func (g ConvGeometry) OutWidth() int {
	return (g.Width+2*g.PadW-g.DilationW*(g.KernelW-1)-1)/g.StrideW + 1
}

// maxConvField bounds every field, so that no size computed from them for one
// image row, tap or group overflows.
const maxConvField = 1 << 24

// Validate says what is wrong with the geometry, if anything is: a size that
// is not positive, channels that Groups does not divide, or a kernel larger
// than the padded image. Batch may be 0.
func (g ConvGeometry) Validate() error {
	for _, f := range []struct {
		name        string
		value, want int
	}{
		{"Batch", g.Batch, 0},
		{"InChannels", g.InChannels, 1}, {"Height", g.Height, 1}, {"Width", g.Width, 1},
		{"OutChannels", g.OutChannels, 1}, {"KernelH", g.KernelH, 1}, {"KernelW", g.KernelW, 1},
		{"StrideH", g.StrideH, 1}, {"StrideW", g.StrideW, 1},
		{"PadH", g.PadH, 0}, {"PadW", g.PadW, 0},
		{"DilationH", g.DilationH, 1}, {"DilationW", g.DilationW, 1},
		{"Groups", g.Groups, 1},
	} {
		if f.value < f.want || f.value > maxConvField {
			return fmt.Errorf("tensor.ConvGeometry: %s is %d: want %d to %d", f.name, f.value, f.want, maxConvField)
		}
	}
	if g.InChannels%g.Groups != 0 || g.OutChannels%g.Groups != 0 {
		return fmt.Errorf("tensor.ConvGeometry: %d groups for %d channels in and %d out: want a divisor of both", g.Groups, g.InChannels, g.OutChannels)
	}
	if g.DilationH*(g.KernelH-1) >= g.Height+2*g.PadH {
		return fmt.Errorf("tensor.ConvGeometry: a kernel %d rows high with dilation %d does not fit in %d rows with padding %d", g.KernelH, g.DilationH, g.Height, g.PadH)
	}
	if g.DilationW*(g.KernelW-1) >= g.Width+2*g.PadW {
		return fmt.Errorf("tensor.ConvGeometry: a kernel %d columns wide with dilation %d does not fit in %d columns with padding %d", g.KernelW, g.DilationW, g.Width, g.PadW)
	}
	return nil
}

// check panics unless the tensors have the shapes that g gives them.
func (g *ConvGeometry) check(op string, y, x, w []int) {
	if err := g.Validate(); err != nil {
		panic(Mismatch(op, err.Error(), y, x, w))
	}
	if !shapeIs(x, g.Batch, g.InChannels, g.Height, g.Width) ||
		!shapeIs(w, g.OutChannels, g.InChannels/g.Groups, g.KernelH, g.KernelW) ||
		!shapeIs(y, g.Batch, g.OutChannels, g.OutHeight(), g.OutWidth()) {
		panic(Mismatch(op, fmt.Sprintf("y [%d %d %d %d], x [%d %d %d %d], w [%d %d %d %d]",
			g.Batch, g.OutChannels, g.OutHeight(), g.OutWidth(), g.Batch, g.InChannels, g.Height, g.Width,
			g.OutChannels, g.InChannels/g.Groups, g.KernelH, g.KernelW), y, x, w))
	}
}

func shapeIs(shape []int, a, b, c, d int) bool {
	return len(shape) == 4 && shape[0] == a && shape[1] == b && shape[2] == c && shape[3] == d
}
