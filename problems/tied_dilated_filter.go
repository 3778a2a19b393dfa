package problems

import (
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/nn"
)

func tiedDilatedFilter() Problem {
	return describeProblem(Problem{
		Number:     2,
		Slug:       "tied-dilated-filter",
		Operations: []Operation{filterSeed(), filterTied(), filterMasked(), filterWeighted()},
		Claims:     tiedClaims(),
		Questions:  tiedQuestions(),
	})
}

type filterSeedIn struct {
	A float64   `json:"a"`
	B float64   `json:"b"`
	X []float64 `json:"x"`
	G []float64 `json:"g"`
}

type filterSeedOut struct {
	Y  []float64 `json:"y"`
	DA float64   `json:"da"`
	DB float64   `json:"db"`
	DX []float64 `json:"dx"`
}

type filterTiedIn struct {
	A        float64     `json:"a"`
	B        float64     `json:"b"`
	Taps     int         `json:"taps"`
	Dilation int         `json:"dilation"`
	X        [][]float64 `json:"x"`
	G        [][]float64 `json:"g"`
}

type filterMaskedIn struct {
	A        float64     `json:"a"`
	B        float64     `json:"b"`
	Mask     []float64   `json:"mask"`
	Dilation int         `json:"dilation"`
	X        [][]float64 `json:"x"`
	G        [][]float64 `json:"g"`
}

type filterTiedOut struct {
	Y  [][]float64 `json:"y"`
	DA float64     `json:"da"`
	DB float64     `json:"db"`
	DX [][]float64 `json:"dx"`
}

type filterWeightedIn struct {
	W        []float64   `json:"w"`
	B        float64     `json:"b"`
	Dilation int         `json:"dilation"`
	Stride   int         `json:"stride"`
	Padding  int         `json:"padding"`
	X        [][]float64 `json:"x"`
	G        [][]float64 `json:"g"`
}

type filterWeightedOut struct {
	Y  [][]float64 `json:"y"`
	DW []float64   `json:"dw"`
	DB float64     `json:"db"`
	DX [][]float64 `json:"dx"`
}

// maxFilter bounds taps, dilation, stride and padding, which have no data to
// bound them.
const maxFilter = 1 << 20

func filterSizes(sizes map[string]int) error {
	for name, size := range sizes {
		if size > maxFilter {
			return domain.Errorf(domain.InvalidParameter, "%s is %d: want at most %d", name, size, maxFilter)
		}
	}
	return nil
}

const filterMethod = "differences of Σ g·y, y by its formula"

func filterSeed() Operation {
	return operation(definition[filterSeedIn, filterSeedOut]{
		name:   "seed_layer",
		method: filterMethod,
		solve: func(in filterSeedIn) (out filterSeedOut, err error) {
			r, err := nn.FilterPullback([]float64{in.A}, []float64{1, 1}, in.B, 2, 1, 0, [][]float64{in.X}, [][]float64{in.G})
			if err != nil {
				return out, err
			}
			return filterSeedOut{r.Y[0], r.DW[0], r.DB, r.DX[0]}, nil
		},
		draw: func(rng *rand.Rand) filterSeedIn {
			n := rng.IntN(9)
			v := normal(rng, 2)
			return filterSeedIn{v[0], v[1], normal(rng, n), normal(rng, max(n-2, 0))}
		},
		check: func(c *Comparison, in filterSeedIn, out filterSeedOut) {
			p := newFilterPlain([]float64{in.A, in.A}, in.B, 2, 1, 0, [][]float64{in.X})
			dw, db, dx := p.gradients([][]float64{in.G})
			c.vector("y", out.Y, p.outputs()[0], 1e-12)
			c.near("da", out.DA, dw[0]+dw[1], 1e-9)
			c.near("db", out.DB, db, 1e-9)
			c.vector("dx", out.DX, dx[0], 1e-9)
		},
	})
}

func filterTied() Operation {
	return operation(definition[filterTiedIn, filterTiedOut]{
		name:   "tied",
		method: filterMethod,
		solve: func(in filterTiedIn) (filterTiedOut, error) {
			if err := filterSizes(map[string]int{"taps": in.Taps}); err != nil {
				return filterTiedOut{}, err
			}
			return tiedResults(in.A, slices.Repeat([]float64{1}, max(0, in.Taps)), in.B, in.Dilation, in.X, in.G)
		},
		draw: func(rng *rand.Rand) filterTiedIn {
			v := normal(rng, 2)
			in := filterTiedIn{A: v[0], B: v[1], Taps: 1 + rng.IntN(4), Dilation: 1 + rng.IntN(3)}
			in.X, in.G = drawFilter(rng, in.Taps, in.Dilation, 1, 0)
			return in
		},
		check: func(c *Comparison, in filterTiedIn, out filterTiedOut) {
			checkTied(c, in.A, slices.Repeat([]float64{1}, in.Taps), in.B, in.Dilation, in.X, in.G, out)
		},
	})
}

func filterMasked() Operation {
	return operation(definition[filterMaskedIn, filterTiedOut]{
		name:   "masked",
		method: filterMethod,
		solve: func(in filterMaskedIn) (filterTiedOut, error) {
			return tiedResults(in.A, in.Mask, in.B, in.Dilation, in.X, in.G)
		},
		draw: func(rng *rand.Rand) filterMaskedIn {
			v := normal(rng, 2)
			in := filterMaskedIn{A: v[0], B: v[1], Mask: normal(rng, 1+rng.IntN(4)), Dilation: 1 + rng.IntN(3)}
			in.X, in.G = drawFilter(rng, len(in.Mask), in.Dilation, 1, 0)
			return in
		},
		check: func(c *Comparison, in filterMaskedIn, out filterTiedOut) {
			checkTied(c, in.A, in.Mask, in.B, in.Dilation, in.X, in.G, out)
		},
	})
}

func tiedResults(a float64, mask []float64, b float64, dilation int, x, g [][]float64) (out filterTiedOut, err error) {
	if err := filterSizes(map[string]int{"dilation": dilation}); err != nil {
		return out, err
	}
	r, err := nn.FilterPullback([]float64{a}, mask, b, dilation, 1, 0, x, g)
	if err != nil {
		return out, err
	}
	return filterTiedOut{r.Y, r.DW[0], r.DB, r.DX}, nil
}

func checkTied(c *Comparison, a float64, mask []float64, b float64, dilation int, x, g [][]float64, out filterTiedOut) {
	w := slices.Clone(mask)
	for k := range w {
		w[k] *= a
	}
	p := newFilterPlain(w, b, dilation, 1, 0, x)
	dw, db, dx := p.gradients(g)
	c.matrix("y", out.Y, p.outputs(), 1e-12)
	c.near("da", out.DA, dot(mask, dw), 1e-9)
	c.near("db", out.DB, db, 1e-9)
	c.matrix("dx", out.DX, dx, 1e-9)
}

func filterWeighted() Operation {
	return operation(definition[filterWeightedIn, filterWeightedOut]{
		name:   "weighted",
		method: filterMethod,
		solve: func(in filterWeightedIn) (out filterWeightedOut, err error) {
			if err := filterSizes(map[string]int{"dilation": in.Dilation, "stride": in.Stride, "padding": in.Padding}); err != nil {
				return out, err
			}
			r, err := nn.FilterPullback(in.W, nil, in.B, in.Dilation, in.Stride, in.Padding, in.X, in.G)
			if err != nil {
				return out, err
			}
			return filterWeightedOut{r.Y, r.DW, r.DB, r.DX}, nil
		},
		draw: func(rng *rand.Rand) filterWeightedIn {
			in := filterWeightedIn{W: normal(rng, 1+rng.IntN(4)), B: normal(rng, 1)[0], Dilation: 1 + rng.IntN(3), Stride: 1 + rng.IntN(3), Padding: rng.IntN(4)}
			in.X, in.G = drawFilter(rng, len(in.W), in.Dilation, in.Stride, in.Padding)
			return in
		},
		check: func(c *Comparison, in filterWeightedIn, out filterWeightedOut) {
			p := newFilterPlain(in.W, in.B, in.Dilation, in.Stride, in.Padding, in.X)
			dw, db, dx := p.gradients(in.G)
			c.matrix("y", out.Y, p.outputs(), 1e-12)
			c.vector("dw", out.DW, dw, 1e-9)
			c.near("db", out.DB, db, 1e-9)
			c.matrix("dx", out.DX, dx, 1e-9)
		},
	})
}
