package glyphs

import (
	"fmt"
	"image"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomediumitalic"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/gomonobolditalic"
	"golang.org/x/image/font/gofont/gomonoitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// fontFiles returns the fonts that are drawn from, as TrueType.
func fontFiles() [][]byte {
	return [][]byte{
		goregular.TTF, goitalic.TTF, gomedium.TTF, gomediumitalic.TTF, gobold.TTF, gobolditalic.TTF,
		gomono.TTF, gomonoitalic.TTF, gomonobold.TTF, gomonobolditalic.TTF,
	}
}

// raster is the side of the pictures that distances are measured on.
const raster = 128

// digitHeight is the part of the frame that a digit fills from top to bottom,
// as in MNIST: 20 pixels of 28.
const digitHeight = 20.0 / 28

// rasterize returns the characters of a font, one picture of raster × raster
// each: centred by their boxes and all at the scale at which '0' fills
// digitHeight.
func rasterize(ttf []byte, characters []rune) ([]*image.Alpha, error) {
	f, err := sfnt.Parse(ttf)
	if err != nil {
		return nil, err
	}
	var buf sfnt.Buffer
	load := func(c rune) (sfnt.Segments, fixed.Rectangle26_6, error) {
		index, err := f.GlyphIndex(&buf, c)
		if err != nil {
			return nil, fixed.Rectangle26_6{}, err
		}
		bounds, _, err := f.GlyphBounds(&buf, index, fixed.I(raster), font.HintingNone)
		if err != nil {
			return nil, bounds, err
		}
		segments, err := f.LoadGlyph(&buf, index, fixed.I(raster), nil)
		if index == 0 || len(segments) == 0 {
			err = fmt.Errorf("glyphs: the Go fonts draw no %q: want characters that they have", c)
		}
		return segments, bounds, err
	}
	_, zero, err := load('0')
	if err != nil {
		return nil, err
	}
	scale := digitHeight * raster / (float32(zero.Max.Y-zero.Min.Y) / 64)

	pictures := make([]*image.Alpha, len(characters))
	for k, c := range characters {
		segments, bounds, err := load(c)
		if err != nil {
			return nil, err
		}
		cx, cy := float32(bounds.Min.X+bounds.Max.X)/128, float32(bounds.Min.Y+bounds.Max.Y)/128
		pictures[k] = fill(segments, func(p fixed.Point26_6) (x, y float32) {
			return (float32(p.X)/64-cx)*scale + raster/2, (float32(p.Y)/64-cy)*scale + raster/2
		})
	}
	return pictures, nil
}

func fill(segments sfnt.Segments, place func(fixed.Point26_6) (x, y float32)) *image.Alpha {
	r := vector.NewRasterizer(raster, raster)
	for _, s := range segments {
		ax, ay := place(s.Args[0])
		bx, by := place(s.Args[1])
		cx, cy := place(s.Args[2])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			r.ClosePath()
			r.MoveTo(ax, ay)
		case sfnt.SegmentOpLineTo:
			r.LineTo(ax, ay)
		case sfnt.SegmentOpQuadTo:
			r.QuadTo(ax, ay, bx, by)
		case sfnt.SegmentOpCubeTo:
			r.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	r.ClosePath()
	picture := image.NewAlpha(image.Rect(0, 0, raster, raster))
	r.Draw(picture, picture.Bounds(), image.Opaque, image.Point{})
	return picture
}
