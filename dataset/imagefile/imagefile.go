package imagefile

import (
	"bufio"
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

// maxPixels is the largest picture that is decoded. Larger ones are refused by
// their header, before memory is taken.
const maxPixels = 1 << 26

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
func Decode(r io.Reader, name string) (image.Image, error) {
	source := &memorable{r: r}
	buffered := bufio.NewReader(source)
	start, _ := buffered.Peek(8)
	config, decode := png.DecodeConfig, png.Decode
	switch {
	case bytes.HasPrefix(start, []byte("\x89PNG\r\n\x1a\n")):
	case bytes.HasPrefix(start, []byte{0xff, 0xd8, 0xff}):
		config, decode = jpeg.DecodeConfig, jpeg.Decode
	case source.err != nil:
		return nil, fmt.Errorf("%s: %w", name, source.err)
	default:
		return nil, &Error{name, "a PNG or JPEG picture", fmt.Sprintf("a file that begins with %q", start), errors.ErrUnsupported}
	}
	sort := func(err error) error {
		var notPNG png.UnsupportedError
		var notJPEG jpeg.UnsupportedError
		switch {
		case source.err != nil:
			return fmt.Errorf("%s: %w", name, source.err)
		case errors.As(err, &notPNG), errors.As(err, &notJPEG):
			return &Error{name, "another kind of PNG or JPEG", err.Error(), errors.Join(err, errors.ErrUnsupported)}
		}
		return &Error{name, "a whole PNG or JPEG picture", err.Error(), err}
	}
	var head bytes.Buffer // what the header took, to be read again
	c, err := config(io.TeeReader(buffered, &head))
	if err != nil {
		return nil, sort(err)
	}
	if c.Width < 1 || c.Height < 1 {
		return nil, &Error{name, "at least one pixel", fmt.Sprintf("%d × %d pixels", c.Width, c.Height), nil}
	}
	if c.Height > maxPixels/c.Width {
		return nil, &Error{name, fmt.Sprintf("at most %d", maxPixels), fmt.Sprintf("%d × %d pixels", c.Width, c.Height), errors.ErrUnsupported}
	}
	img, err := decode(io.MultiReader(&head, buffered))
	if err != nil {
		return nil, sort(err)
	}
	return img, nil
}

// memorable keeps the error of a reader, so that it is not taken for one of
// the format.
type memorable struct {
	r   io.Reader
	err error
}

func (m *memorable) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		m.err = err
	}
	return n, err
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
