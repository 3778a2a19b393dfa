package report

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Grid is a picture of rows of small images.
type Grid struct {
	Title string
	Rows  []GridRow
}

// GridRow is images side by side, with what they have in common at their left.
type GridRow struct {
	Name   string
	Images []Image
}

// Image is one example.
type Image struct {
	Caption string    // below it
	Shape   []int     // [1, height, width], or [3, height, width] in colour
	Data    []float32 // values from 0, black, to 1, white: others are cut off

	// Signed, where positive, says that the values are differences from
	// −Signed to Signed: blue below 0, orange above. In colour they are shown
	// around a middle grey.
	Signed float64
}

// Sizes of a grid in points.
const (
	gridImage   = 48
	gridGap     = 6
	gridCaption = 12
	gridName    = 84
	gridTitle   = 22
)

// Write draws the grid as "svg" or "png". Images of other shapes than those
// that Image names, or none at all, are errors.
func (g Grid) Write(w io.Writer, format string) error {
	columns := 0
	for _, row := range g.Rows {
		columns = max(columns, len(row.Images))
	}
	if columns == 0 {
		return fmt.Errorf("a grid without images")
	}
	size := func(n int, each vg.Length) vg.Length { return vg.Length(n) * (each + gridGap) }
	wide := gridName + size(columns, gridImage) + gridGap
	high := gridTitle + size(len(g.Rows), gridImage+gridCaption)
	switch format {
	case "svg":
		c := vgsvg.New(wide, high)
		if err := g.draw(draw.New(c)); err != nil {
			return err
		}
		var b bytes.Buffer
		if _, err := c.WriteTo(&b); err != nil {
			return err
		}
		// the plotting library writes PNG and calls it JPEG
		_, err := w.Write(bytes.ReplaceAll(b.Bytes(), []byte("data:image/jpg;"), []byte("data:image/png;")))
		return err
	case "png":
		c := vgimg.NewWith(vgimg.UseWH(wide, high), vgimg.UseDPI(144))
		if err := g.draw(draw.New(c)); err != nil {
			return err
		}
		if g.grey() {
			return writeReduced(w, c.Image())
		}
		_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
		return err
	}
	return fmt.Errorf("picture format %q: want svg or png", format)
}

// grey reports whether no image has colours of its own.
func (g Grid) grey() bool {
	for _, row := range g.Rows {
		for _, i := range row.Images {
			if len(i.Shape) == 3 && i.Shape[0] == 3 {
				return false
			}
		}
	}
	return true
}

func (g Grid) draw(c draw.Canvas) error {
	c.FillPolygon(color.White, []vg.Point{c.Min, {X: c.Max.X, Y: c.Min.Y}, c.Max, {X: c.Min.X, Y: c.Max.Y}})
	style := text.Style{Color: color.Black, Font: font.From(plot.DefaultFont, 9), Handler: plot.DefaultTextHandler, YAlign: text.YCenter}
	style.Font.Variant = "Sans"
	c.FillText(style, vg.Point{X: gridGap, Y: c.Max.Y - gridTitle/2}, g.Title)
	top := c.Max.Y - gridTitle
	for _, row := range g.Rows {
		style.XAlign = text.XLeft
		c.FillText(style, vg.Point{X: gridGap, Y: top - gridImage/2}, row.Name)
		style.XAlign = text.XCenter
		left := c.Min.X + gridName
		for _, i := range row.Images {
			picture, err := i.picture()
			if err != nil {
				return fmt.Errorf("row %q: %w", row.Name, err)
			}
			c.DrawImage(vg.Rectangle{Min: vg.Point{X: left, Y: top - gridImage}, Max: vg.Point{X: left + gridImage, Y: top}}, picture)
			c.FillText(style, vg.Point{X: left + gridImage/2, Y: top - gridImage - gridCaption/2}, i.Caption)
			left += gridImage + gridGap
		}
		top -= gridImage + gridCaption + gridGap
	}
	return nil
}

// picture turns the values into pixels, large ones, which viewers do not blur,
// on a square.
func (i Image) picture() (image.Image, error) {
	if len(i.Shape) != 3 || i.Shape[0] != 1 && i.Shape[0] != 3 || i.Shape[1] < 1 || i.Shape[2] < 1 || len(i.Data) != i.Shape[0]*i.Shape[1]*i.Shape[2] {
		return nil, fmt.Errorf("an image of shape %v with %d values: want [1, height, width] or [3, height, width]", i.Shape, len(i.Data))
	}
	h, w := i.Shape[1], i.Shape[2]
	side := max(h, w)
	pixel := max(1, 256/side)
	out := image.NewNRGBA(image.Rect(0, 0, side*pixel, side*pixel))
	for y := range h * pixel {
		for x := range w * pixel {
			at := y/pixel*w + x/pixel
			out.SetNRGBA(x+(side-w)*pixel/2, y+(side-h)*pixel/2, i.colour(at, h*w))
		}
	}
	return out, nil
}

// colour is that of one pixel.
func (i Image) colour(at, area int) color.NRGBA {
	level := func(channel int) float64 {
		v := float64(i.Data[channel*area+at])
		if i.Signed > 0 {
			v = 0.5 + v/(2*i.Signed)
		}
		return min(max(v, 0), 1)
	}
	if i.Shape[0] == 3 {
		return color.NRGBA{R: shade(level(0)), G: shade(level(1)), B: shade(level(2)), A: 255}
	}
	v := level(0)
	if i.Signed <= 0 {
		return color.NRGBA{R: shade(v), G: shade(v), B: shade(v), A: 255}
	}
	end := palette(0) // blue
	if v > 0.5 {
		end = palette(1) // orange
	}
	far := math.Abs(2*v - 1)
	return tint(end, far)
}

// tint is a part of a colour on white.
func tint(c color.NRGBA, part float64) color.NRGBA {
	toward := func(v uint8) uint8 { return shade(1 - part + part*float64(v)/255) }
	return color.NRGBA{R: toward(c.R), G: toward(c.G), B: toward(c.B), A: 255}
}

// shade is a byte for a value from 0 to 1; NaN is black.
func shade(v float64) uint8 {
	if !(v > 0) {
		return 0
	}
	return uint8(math.Round(255 * v))
}
