package glyphs

import (
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/seeds"
	"github.com/gradus-ml/gradus/internal/warp"
	"github.com/gradus-ml/gradus/tensor"
)

// Generator draws the pictures that its options describe. It is safe for
// concurrent use.
type Generator struct {
	options Options
	classes []string
	fields  [][]field // [class][font]
	scratch *sync.Pool
}

// New prepares the characters of the classes in every font; about 50 ms for
// ten digits. It refuses options outside of their ranges and characters that
// the fonts lack.
func New(o Options) (*Generator, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	o.Priors = slices.Clone(o.Priors)
	characters := []rune(o.Classes)
	g := &Generator{options: o, classes: make([]string, len(characters)), fields: make([][]field, len(characters)), scratch: newScratch()}
	var pictures [][]*image.Alpha // [font][class]
	for _, ttf := range fontFiles() {
		p, err := rasterize(ttf, characters)
		if err != nil {
			return nil, err
		}
		pictures = append(pictures, p)
	}
	parallel.Run(len(characters), parallel.Func(func(class int) {
		g.classes[class] = string(characters[class])
		for font := range pictures {
			g.fields[class] = append(g.fields[class], newField(pictures[font][class]))
		}
	}))
	return g, nil
}

// With returns a generator of the same pictures under other priors and another
// seed, sharing the prepared characters: p*(x | y) stays as it is, p*(y)
// changes.
func (g *Generator) With(priors []float64, seed uint64) (*Generator, error) {
	if err := validatePriors(priors, len(g.classes)); err != nil {
		return nil, err
	}
	other := *g
	other.options.Priors, other.options.Seed = slices.Clone(priors), seed
	return &other, nil
}

// Options returns what the generator was made of.
func (g *Generator) Options() Options { return g.options }

// Classes returns the names of the classes, one character each.
func (g *Generator) Classes() []string { return g.classes }

// Len is the number of pixels of a picture, Size².
func (g *Generator) Len() int { return g.options.Size * g.options.Size }

// Example draws example i, a pure function of the options and i, and returns
// its class. dst has Len() elements.
func (g *Generator) Example(i int, dst []float32) int {
	s := g.scratch.Get().(*scratch)
	defer g.scratch.Put(s)
	seeds.Set(&s.pcg, g.options.Seed, uint64(i))
	class := g.Class(s.rng)
	g.Draw(s.rng, class, dst)
	return class
}

// Label returns the class of example i without drawing it.
func (g *Generator) Label(i int) int {
	s := g.scratch.Get().(*scratch)
	defer g.scratch.Put(s)
	seeds.Set(&s.pcg, g.options.Seed, uint64(i))
	return g.Class(s.rng)
}

// Class samples p*(y).
func (g *Generator) Class(rng *rand.Rand) int {
	if g.options.Priors == nil {
		return rng.IntN(len(g.classes))
	}
	u, last := rng.Float64(), 0
	for class, p := range g.options.Priors {
		if u -= p; u < 0 {
			return class
		}
		if p > 0 {
			last = class
		}
	}
	return last // the priors may sum to a little less than 1
}

// Draw samples p*(x | y = class): it fills dst, [Size, Size] row by row, with
// light ink in [0, 1] on black. It panics with a [*tensor.ShapeError] if dst
// does not have Len() elements.
func (g *Generator) Draw(rng *rand.Rand, class int, dst []float32) {
	o := &g.options
	if len(dst) != g.Len() {
		panic(tensor.Mismatch("glyphs.Draw", "room for one picture", []int{len(dst)}, []int{o.Size, o.Size}))
	}
	between := func(most float64) float64 { return most * (2*rng.Float64() - 1) }
	size := float64(o.Size)
	f := g.fields[class][rng.IntN(len(g.fields[class]))]

	scale := math.Exp(between(o.Scale))
	aspect := math.Exp(between(o.Scale / 2)) // narrower or wider at the same height
	w := warp.Warp{Width: o.Size, Height: o.Size}
	w.Affine(warp.Motion{
		ScaleX: scale * aspect, ScaleY: scale,
		Shear: between(o.Shear), Rotate: between(o.Rotate) * math.Pi / 180,
		ShiftX: between(o.Shift) * size, ShiftY: between(o.Shift) * size,
	})
	w.Bend(rng, o.Elastic*size)

	// The brightness rises from 0 to the ink's across an edge of this many
	// pixels, centred where the stroke's outline lies.
	edge := 1 + o.Blur*size*rng.Float64()
	slope := float32(scale * size / edge)
	offset := float32(0.5 + between(o.Stroke)*size/edge)
	ink := float32(1 - o.Fade*rng.Float64())
	g.paint(f, &w, slope, offset, ink, dst)
	if o.Noise > 0 {
		for i, v := range dst {
			dst[i] = min(max(v+float32(o.Noise*rng.NormFloat64()), 0), 1)
		}
	}
}

// paint writes ink·clamp(offset + slope·distance) at every pixel.
func (g *Generator) paint(f field, w *warp.Warp, slope, offset, ink float32, dst []float32) {
	n := g.options.Size
	zoom := float32(side) / float32(n)
	shift := (zoom - 1) / 2 // centres of pixels onto centres of points
	var u, v [32]float32
	for y := range n {
		for x := 0; x < n; x += len(u) {
			row := dst[y*n+x : y*n+min(x+len(u), n)]
			w.Row(y, x, u[:len(row)], v[:len(row)])
			for i := range row {
				d := f.at(u[i]*zoom+shift, v[i]*zoom+shift)
				row[i] = ink * min(max(offset+slope*d, 0), 1)
			}
		}
	}
}

// scratch is a stream of random numbers that examples take turns with.
type scratch struct {
	pcg rand.PCG
	rng *rand.Rand
}

func newScratch() *sync.Pool {
	return &sync.Pool{New: func() any {
		s := &scratch{}
		s.rng = rand.New(&s.pcg)
		return s
	}}
}
