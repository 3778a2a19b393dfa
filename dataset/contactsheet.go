package dataset

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// maxSheet bounds a contact sheet, in pixels.
const maxSheet = 1 << 26

// ContactSheet shows the first rows·cols pictures of a source side by side,
// each with its class below. Pictures are [1, H, W] or [3, H, W] with values in
// [0, 1]; values outside are cut off. Small ones are enlarged, pixel by pixel. A sheet of
// more than 2²⁶ pixels is refused.
func ContactSheet(source Source, rows, cols int) (image.Image, error) {
	info := source.Info()
	if len(info.Shape) != 3 || info.Shape[0] != 1 && info.Shape[0] != 3 {
		return nil, fmt.Errorf("%s: examples of shape %v: want pictures, [1 height width] or [3 height width]", info.Name, info.Shape)
	}
	if rows < 1 || cols < 1 {
		return nil, fmt.Errorf("contact sheet of %d × %d: want at least one row and one column", rows, cols)
	}
	const gap, line = 6, 16
	zoom := max(1, 64/max(info.Shape[1], info.Shape[2]))
	height, width := zoom*info.Shape[1], zoom*info.Shape[2]
	if most := maxSheet / ((height + line + gap) * (width + gap)); rows > most || cols > most/rows {
		return nil, fmt.Errorf("contact sheet of %d × %d: want at most %d pictures of %d × %d", rows, cols, most, info.Shape[1], info.Shape[2])
	}
	sheet := image.NewRGBA(image.Rect(0, 0, cols*(width+gap)+gap, rows*(height+line+gap)+gap))
	draw.Draw(sheet, sheet.Bounds(), image.White, image.Point{}, draw.Src)
	face, err := labelFace()
	if err != nil {
		return nil, err
	}
	writer := font.Drawer{Dst: sheet, Src: image.Black, Face: face}

	x := make([]float32, info.Size())
	for i := range min(rows*cols, source.Len()) {
		label, err := source.Read(i, x)
		if err == nil {
			err = checkLabel(label, info.Classes)
		}
		if err != nil {
			return nil, &ExampleError{info.Name, i, err}
		}
		left, top := gap+(i%cols)*(width+gap), gap+(i/cols)*(height+line+gap)
		frame := image.Rect(left, top, left+width, top+height)
		xdraw.NearestNeighbor.Scale(sheet, frame, picture(x, info.Shape), image.Rect(0, 0, info.Shape[2], info.Shape[1]), xdraw.Src, nil)
		if label < 0 {
			continue
		}
		name := info.Classes[label]
		indent := max(0, (fixed.I(width)-writer.MeasureString(name))/2)
		writer.Dot = fixed.Point26_6{X: fixed.I(left) + indent, Y: fixed.I(top + height + line - 4)}
		writer.DrawString(name)
	}
	return sheet, nil
}

func labelFace() (font.Face, error) {
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, err
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: 12, DPI: 72})
}

// picture shows x [channels, height, width] as an image.
func picture(x []float32, shape []int) image.Image {
	plane := shape[1] * shape[2]
	img := image.NewRGBA(image.Rect(0, 0, shape[2], shape[1]))
	for i := range plane {
		var rgb [3]uint8
		for c := range rgb {
			v := x[min(c, shape[0]-1)*plane+i]
			rgb[c] = toByte(v)
		}
		img.SetRGBA(i%shape[2], i/shape[2], color.RGBA{rgb[0], rgb[1], rgb[2], 255})
	}
	return img
}
