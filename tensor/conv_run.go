package tensor

import (
	"unsafe"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
)

// How a convolution is cut. The bits of a result depend on convStepBytes and,
// for the gradient of the weights, on convParts and convPartsSize.
const (
	convStepBytes = 1536    // of one lane in a block of steps
	convPlaces    = 256     // of a channel of an image in one task
	convTaps      = 512     // of the weights in one task of their gradient
	convParts     = 8       // the gradient of the weights is the sum of as many parts,
	convPartsSize = 1 << 22 // if they have no more elements than this together
)

// conv is a convolution, or one of its adjoints, under way.
type conv[F Float] struct {
	ConvGeometry
	convPlanes
	dst, src, w       []F
	start             []F // of the sums of a channel of y, for whole tiles
	add               bool
	inArea, outArea   int // elements of a channel of x and of y
	inGroup, outGroup int // channels of x and of y in a group
	outRows, outCols  int // of a channel of y
	tapArea, inTaps   int // elements of a kernel, and of the kernels for one channel of y
	block             int // most steps in a block
	height, width     int // of a tile
	size, tasks       int // of a task; tasks of one group of one image or part
	images            int // in a part
	runs              []simd.Run
	ends              []int // where the runs of each panel, or each row, end
	direct            bool  // no panels: products read the planes
	packed, extra     []F   // weights in panels; weights turned round, or parts
}

// scratch is what one task needs: the planes of an image, panels of both
// operands, and the rows that a product leaves.
type scratch[F Float] struct{ planes, a, b, rows []F }

var (
	convs32   parallel.Spares[conv[float32]]
	convs64   parallel.Spares[conv[float64]]
	scratch32 parallel.Spares[scratch[float32]]
	scratch64 parallel.Spares[scratch[float64]]
)

func takeConv[F Float](g ConvGeometry) *conv[F] {
	t := spareConvs[F]().Take()
	t.ConvGeometry = g
	t.outRows, t.outCols = g.OutHeight(), g.OutWidth()
	t.inArea, t.outArea = g.Height*g.Width, t.outRows*t.outCols
	t.inGroup, t.outGroup = g.InChannels/g.Groups, g.OutChannels/g.Groups
	t.tapArea = g.KernelH * g.KernelW
	t.inTaps = t.inGroup * t.tapArea
	t.block = convStepBytes / int(unsafe.Sizeof(F(0)))
	t.height, t.width = simd.Tile[F]()
	return t
}

// release lets go of the operands, not of the buffers.
func (t *conv[F]) release() {
	t.dst, t.src, t.w = nil, nil, nil
	spareConvs[F]().Give(t)
}

func spareConvs[F Float]() *parallel.Spares[conv[F]] {
	return pick[parallel.Spares[conv[F]]](&convs32, &convs64)
}

func spareScratch[F Float]() *parallel.Spares[scratch[F]] {
	return pick[parallel.Spares[scratch[F]]](&scratch32, &scratch64)
}

// cutInto sets how many of n things, a multiple of unit, a task does.
func (t *conv[F]) cutInto(n, most, unit int) {
	t.size = cut(n, max(1, most), unit)
	t.tasks = parallel.Blocks(n, t.size)
}

// place says which image or part, group, and cut task i is.
func (t *conv[F]) place(i int) (n, q, cut int) {
	return i / t.tasks / t.Groups, i / t.tasks % t.Groups, i % t.tasks
}

// input returns the channels of x from one on, of image n and group q.
func (t *conv[F]) input(x []F, n, q, from, count int) []F {
	return x[((n*t.Groups+q)*t.inGroup+from)*t.inArea:][:count*t.inArea]
}

// output returns the elements of y from image n and group q on.
func (t *conv[F]) output(y []F, n, q int) []F { return y[(n*t.Groups+q)*t.outGroup*t.outArea:] }
