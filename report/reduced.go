package report

import (
	"image"
	"image/color"
	"image/png"
	"io"
)

// writeReduced writes a picture of greys and of tints of the two colours of
// differences as PNG of 128 colours: a third of the bytes, and no difference
// that an eye sees.
func writeReduced(w io.Writer, picture image.Image) error {
	colours := tints()
	index := map[color.Color]uint8{}
	bounds := picture.Bounds()
	reduced := image.NewPaletted(bounds, colours)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := picture.At(x, y)
			i, known := index[c]
			if !known {
				i = uint8(colours.Index(c))
				index[c] = i
			}
			reduced.SetColorIndex(x, y, i)
		}
	}
	return (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(w, reduced)
}

// tints are 64 greys from black to white, and 32 tints each of blue and
// orange down to the full colour.
func tints() color.Palette {
	var p color.Palette
	for i := range 64 {
		v := shade(float64(i) / 63)
		p = append(p, color.NRGBA{v, v, v, 255})
	}
	for _, end := range []color.NRGBA{palette(0), palette(1)} {
		for i := range 32 {
			p = append(p, tint(end, float64(i+1)/32))
		}
	}
	return p
}
