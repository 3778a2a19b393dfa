package imagefile

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"

	"golang.org/x/image/draw"

	"github.com/gradus-ml/gradus/tensor"
)

const (
	maxPixels = 1 << 26 // of a picture
	maxBytes  = 1 << 28 // of a file
)

// Error says what is wrong with an image file. A file that is valid but
// outside of what this package reads satisfies
// errors.Is(err, [errors.ErrUnsupported]); any other is malformed, with the
// decoder's reason in Err.
type Error struct {
	File      string
	Want, Got string
	Err       error // of image/png or image/jpeg
}

// Error names the file, what is there and what should be.
func (e *Error) Error() string { return fmt.Sprintf("%s: got %s: want %s", e.File, e.Got, e.Want) }

// Unwrap returns the decoder's reason.
func (e *Error) Unwrap() error { return e.Err }

// Open reads a picture from a file, as [Decode] and [Tensor] do.
func Open(path string, channels, height, width int) (*tensor.Tensor[float32], error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	img, err := Decode(f, path)
	if err != nil {
		return nil, err
	}
	return Tensor(img, channels, height, width)
}

// Decode reads a PNG or JPEG picture of at most 2²⁶ pixels. The name goes into
// errors. Errors of r come back as they are, the rest as an [*Error].
//
// A header is not believed: a picture that the bytes of the file cannot hold,
// however well compressed, is refused before memory is taken for it.
func Decode(r io.Reader, name string) (image.Image, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(data) > maxBytes {
		return nil, &Error{name, fmt.Sprintf("at most %d", maxBytes), "more bytes", errors.ErrUnsupported}
	}
	// The most pixels that a byte of the file can hold: deflate expands by at
	// most 1032, to 8 pixels a byte; JPEG spends a bit or more on 8 × 8 pixels.
	config, decode, density := png.DecodeConfig, png.Decode, 1032*8
	switch {
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
	case bytes.HasPrefix(data, []byte{0xff, 0xd8, 0xff}):
		config, decode, density = jpeg.DecodeConfig, jpeg.Decode, 8*64
	default:
		return nil, &Error{name, "a PNG or JPEG picture", fmt.Sprintf("a file that begins with %q", data[:min(8, len(data))]), errors.ErrUnsupported}
	}
	c, err := config(bytes.NewReader(data))
	if err != nil {
		return nil, sortError(name, err)
	}
	got := fmt.Sprintf("%d × %d pixels", c.Width, c.Height)
	switch {
	case c.Width < 1 || c.Height < 1:
		return nil, &Error{name, "at least one pixel", got, nil}
	case c.Height > maxPixels/c.Width:
		return nil, &Error{name, fmt.Sprintf("at most %d", maxPixels), got, errors.ErrUnsupported}
	case c.Height > density*len(data)/c.Width:
		return nil, &Error{name, "a whole picture", fmt.Sprintf("%s in %d bytes", got, len(data)), io.ErrUnexpectedEOF}
	}
	img, err := decode(bytes.NewReader(data))
	if err != nil {
		return nil, sortError(name, err)
	}
	return img, nil
}

// sortError tells what a decoder does not support from what is malformed.
func sortError(name string, err error) error {
	var notPNG png.UnsupportedError
	var notJPEG jpeg.UnsupportedError
	if errors.As(err, &notPNG) || errors.As(err, &notJPEG) {
		return &Error{name, "another kind of PNG or JPEG", err.Error(), errors.Join(err, errors.ErrUnsupported)}
	}
	return &Error{name, "a whole PNG or JPEG picture", err.Error(), err}
}

// Tensor returns a picture as [channels, height, width] with values in [0, 1].
// One channel is the luma 0.299·R + 0.587·G + 0.114·B; three are red, green and
// blue, all as stored, without undoing the gamma. A picture of another size is
// stretched or shrunk to fit by bilinear interpolation, which averages over
// what a pixel covers.
func Tensor(img image.Image, channels, height, width int) (*tensor.Tensor[float32], error) {
	if channels != 1 && channels != 3 {
		return nil, fmt.Errorf("imagefile: %d channels: want 1 for grey or 3 for RGB", channels)
	}
	if height < 1 || width < 1 || height > maxPixels/width {
		return nil, fmt.Errorf("imagefile: %d × %d pixels: want 1 to %d", width, height, maxPixels)
	}
	if b := img.Bounds(); b.Dx() != width || b.Dy() != height {
		fitted := image.NewRGBA64(image.Rect(0, 0, width, height))
		draw.BiLinear.Scale(fitted, fitted.Bounds(), img, b, draw.Src, nil)
		img = fitted
	}
	x := tensor.New[float32](channels, height, width)
	origin, plane := img.Bounds().Min, height*width
	for i := range plane {
		r, g, b, _ := color.RGBA64Model.Convert(img.At(origin.X+i%width, origin.Y+i/width)).RGBA()
		rgb := [3]float64{float64(r) / 0xffff, float64(g) / 0xffff, float64(b) / 0xffff}
		if channels == 1 {
			x.Data[i] = float32(min(0.299*rgb[0]+0.587*rgb[1]+0.114*rgb[2], 1))
			continue
		}
		for c, v := range rgb {
			x.Data[c*plane+i] = float32(v)
		}
	}
	return x, nil
}
